module vaultmesh.invalid/interop/verifier

go 1.26.8

require (
	github.com/ProtonMail/go-crypto v1.5.2
	github.com/gowebpki/jcs v1.0.2
	github.com/transparency-dev/formats v0.1.1
	golang.org/x/mod v0.42.0
)

require (
	filippo.io/mldsa v0.0.0-20260215214346-43d0283efc3e // indirect
	github.com/cloudflare/circl v1.6.3 // indirect
	golang.org/x/crypto v0.52.0 // indirect
	golang.org/x/sys v0.45.0 // indirect
)
