// Command vmverify checks a proof bundle against a policy: vmverify POLICY BUNDLE.
package main

import (
	"fmt"
	"os"

	verifier "vaultmesh.invalid/interop/verifier"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: vmverify POLICY BUNDLE")
		os.Exit(2)
	}
	policy, err := os.ReadFile(os.Args[1])
	if err == nil {
		var bundle []byte
		if bundle, err = os.ReadFile(os.Args[2]); err == nil {
			err = verifier.Verify(bundle, policy)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	fmt.Println("verified")
}
