module github.com/tandem-ws/tandem/store/bolt

go 1.26

require (
	github.com/tandem-ws/tandem v0.0.0
	go.etcd.io/bbolt v1.5.0
	go.uber.org/goleak v1.3.0
)

require (
	github.com/gobwas/httphead v0.1.0 // indirect
	github.com/gobwas/ws v1.5.0 // indirect
	golang.org/x/sys v0.45.0 // indirect
)
