package tandem_test

import (
	"fmt"

	"github.com/tandem-ws/tandem"
)

// The code of a close says whether coming back makes sense.
func ExampleCode_Reconnect() {
	for _, code := range []tandem.Code{
		tandem.CodeNormal, tandem.CodeRestart, tandem.CodePolicy, tandem.CodeAppRetry + 7, tandem.CodeAppStop + 7,
	} {
		fmt.Println(code, code.Reconnect())
	}
	// Output:
	// 1000 false
	// 1012 true
	// 1008 false
	// 4007 true
	// 4507 false
}
