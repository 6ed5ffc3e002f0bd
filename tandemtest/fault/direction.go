package fault

// Direction is a way bytes travel, or both ways.
type Direction int

// The directions. What tandem calls In travels ClientToServer, Out travels ServerToClient.
const (
	ClientToServer Direction = 1
	ServerToClient Direction = 2
	Both           Direction = ClientToServer | ServerToClient
)

// String returns a name such as "client to server".
func (d Direction) String() string {
	switch d {
	case ClientToServer:
		return "client to server"
	case ServerToClient:
		return "server to client"
	case Both:
		return "both directions"
	}
	return "no direction"
}

// index is where a single direction stands in an array of two.
func (d Direction) index() int { return int(d) - 1 }

func (d Direction) indexes() []int {
	switch d {
	case ClientToServer, ServerToClient:
		return []int{d.index()}
	case Both:
		return []int{0, 1}
	}
	panic("fault: not a Direction")
}
