module github.com/actorcore/actorcore/bindings/go

go 1.26
