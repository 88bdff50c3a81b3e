package verifier

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const vectors = "../../docs/formats/vectors"

// TestVectors holds this verifier to every golden vector: the same bundles verify, and each bad one
// is refused by a check that the vector names.
func TestVectors(t *testing.T) {
	index, err := os.ReadFile(filepath.Join(vectors, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		File    string `json:"file"`
		Policy  string `json:"policy"`
		OK      bool   `json:"ok"`
		Failing []struct {
			ID string `json:"id"`
		} `json:"failing"`
	}
	if err := json.Unmarshal(index, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 20 {
		t.Fatalf("only %d vectors", len(cases))
	}
	for _, c := range cases {
		t.Run(c.File, func(t *testing.T) {
			bundle, err := os.ReadFile(filepath.Join(vectors, c.File))
			if err != nil {
				t.Fatal(err)
			}
			policy, err := os.ReadFile(filepath.Join(vectors, c.Policy))
			if err != nil {
				t.Fatal(err)
			}
			verdict := Verify(bundle, policy)
			if c.OK {
				if verdict != nil {
					t.Fatalf("refused a good bundle: %v", verdict)
				}
				return
			}
			if verdict == nil {
				t.Fatal("accepted a bad bundle")
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
