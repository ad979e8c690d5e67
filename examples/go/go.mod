module github.com/actorcore/actorcore/examples/go

go 1.26

require github.com/actorcore/actorcore/bindings/go v0.0.0

replace github.com/actorcore/actorcore/bindings/go => ../../bindings/go
