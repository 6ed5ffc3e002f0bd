module github.com/tandem-ws/tandem

go 1.26
