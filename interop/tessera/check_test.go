package tesseracheck

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// The log that Tessera's own tests use, and its key.
const (
	origin = "example.com/log/testdata"
	vkey   = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
)

func conformanceLog(t *testing.T) string {
	t.Helper()
	directory := os.Getenv("VAULTMESH_CONFORMANCE_DIR")
	if directory == "" {
		directory = "../../../shared/conformance"
	}
	log := filepath.Join(directory, "tlog-tiles")
	if _, err := os.Stat(log); err != nil {
		t.Skipf("no conformance data in %s", directory)
	}
	return log
}

func TestAcceptsTesserasLog(t *testing.T) {
	report, err := Check(context.Background(), conformanceLog(t), origin, vkey)
	if err != nil {
		t.Fatal(err)
	}
	if report.Size != 15 {
		t.Fatalf("size %d", report.Size)
	}
}

// What the tests of packages/tlog rest on: the check can fail.
func TestRefusesAFlippedBit(t *testing.T) {
	for _, file := range []string{"checkpoint", "tile/0/000.p/15", "tile/entries/000.p/15"} {
		t.Run(file, func(t *testing.T) {
			damaged := t.TempDir()
			if err := os.CopyFS(damaged, os.DirFS(conformanceLog(t))); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(damaged, file)
			bytes, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			bytes[len(bytes)/2] ^= 1
			if err := os.WriteFile(path, bytes, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Check(context.Background(), damaged, origin, vkey); err == nil {
				t.Fatal("accepted")
			}
		})
	}
}
