//go:build !race

package actorcore

func acquire(*System) {}
func release(*System) {}
