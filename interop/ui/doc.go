// Package ui runs the tests of package ui/dom of tandem in a browser, a headless Chromium.
package ui
