//go:build !unix

package search

// folderLock does nothing where there is no flock: Bleve's own lock on its root file then keeps other processes out.
type folderLock struct{}

func lockFolder(string) (*folderLock, error) { return &folderLock{}, nil }

func (*folderLock) release() error { return nil }
