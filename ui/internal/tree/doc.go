// Package tree is what package ui builds and its back ends read: a page as plain data, and the one writer of its HTML.
package tree
