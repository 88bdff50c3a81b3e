// Command vmverify checks a proof bundle against a policy, or a fork proof (*.vmfork.json) against a
// tlog-policy: vmverify POLICY FILE.
package main

import (
	"fmt"
	"os"
	"strings"

	verifier "vaultmesh.invalid/interop/verifier"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: vmverify POLICY FILE")
		os.Exit(2)
	}
	policy, err := os.ReadFile(os.Args[1])
	if err == nil {
		var file []byte
		if file, err = os.ReadFile(os.Args[2]); err == nil {
			if strings.HasSuffix(os.Args[2], ".vmfork.json") {
				_, err = verifier.VerifyFork(file, policy)
			} else {
				err = verifier.Verify(file, policy)
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	fmt.Println("verified")
}
