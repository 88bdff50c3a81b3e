package verifier

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const vectors = "../../docs/formats/vectors"

type vector struct {
	File    string `json:"file"`
	Policy  string `json:"policy"`
	OK      bool   `json:"ok"`
	Failing []struct {
		ID string `json:"id"`
	} `json:"failing"`
	Witnessed *[2]bool `json:"witnessed"`
}

// holdToVectors runs a verifier over the golden vectors below a folder: those that are good verify,
// and each bad one is refused by a check that the vector names.
func holdToVectors(t *testing.T, folder string, least int, verify func(t *testing.T, c vector, input, policy []byte) error) {
	index, err := os.ReadFile(filepath.Join(folder, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []vector
	if err := json.Unmarshal(index, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < least {
		t.Fatalf("only %d vectors", len(cases))
	}
	for _, c := range cases {
		t.Run(c.File, func(t *testing.T) {
			input, err := os.ReadFile(filepath.Join(folder, c.File))
			if err != nil {
				t.Fatal(err)
			}
			policy, err := os.ReadFile(filepath.Join(folder, c.Policy))
			if err != nil {
				t.Fatal(err)
			}
			verdict := verify(t, c, input, policy)
			if c.OK {
				if verdict != nil {
					t.Fatalf("refused a good one: %v", verdict)
				}
				return
			}
			if verdict == nil {
				t.Fatal("accepted a bad one")
			}
			for _, f := range c.Failing {
				if strings.HasPrefix(verdict.Error(), f.ID+":") {
					return
				}
			}
			t.Fatalf("refused for another reason than %v: %v", c.Failing, verdict)
		})
	}
}

func TestVectors(t *testing.T) {
	holdToVectors(t, vectors, 20, func(_ *testing.T, _ vector, bundle, policy []byte) error {
		return Verify(bundle, policy)
	})
}

func TestForkVectors(t *testing.T) {
	holdToVectors(t, filepath.Join(vectors, "fork"), 60, func(t *testing.T, c vector, proof, policy []byte) error {
		witnessed, err := VerifyFork(proof, policy)
		if err == nil && c.OK && witnessed != *c.Witnessed {
			t.Fatalf("quorum: %v instead of %v", witnessed, *c.Witnessed)
		}
		return err
	})
}
