package tree

import "strconv"

// Sum is by what HTML is recognized, so that a page that a server has sent is only gone on with if it is the same: the
// 64-bit hash FNV-1a, with a word in front.
func Sum(html []byte) string {
	sum := uint64(14695981039346656037)
	for _, c := range html {
		sum = (sum ^ uint64(c)) * 1099511628211
	}
	return "ui-sum " + strconv.FormatUint(sum, 16)
}
