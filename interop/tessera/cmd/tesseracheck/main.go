// Command tesseracheck reads a log with Tessera's client and fsck: tesseracheck PLACE ORIGIN VKEY,
// where PLACE is a folder or an http URL.
package main

import (
	"context"
	"fmt"
	"os"

	tesseracheck "vaultmesh.invalid/interop/tessera"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: tesseracheck PLACE ORIGIN VKEY")
		os.Exit(2)
	}
	report, err := tesseracheck.Check(context.Background(), os.Args[1], os.Args[2], os.Args[3])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	fmt.Printf("verified %d %x\n", report.Size, report.Root)
}
