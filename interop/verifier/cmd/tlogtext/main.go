// Command tlogtext reads and writes the text formats of transparency logs with sumdb/note and
// transparency-dev/formats.
//
// "tlogtext make" prints a fresh log of the JSON type made; "tlogtext check" reads a JSON array of
// questions and prints one answer for each.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func run() error {
	out := json.NewEncoder(os.Stdout)
	switch {
	case len(os.Args) == 2 && os.Args[1] == "make":
		made, err := makeLog()
		if err != nil {
			return err
		}
		return out.Encode(made)
	case len(os.Args) == 2 && os.Args[1] == "check":
		var questions []question
		if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
			return err
		}
		answers := []answer{}
		for _, q := range questions {
			a, err := q.answer()
			if err != nil {
				a = answer{Error: err.Error()}
			}
			answers = append(answers, a)
		}
		return out.Encode(answers)
	}
	return fmt.Errorf("usage: tlogtext make | check")
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
