package main

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// question is one text, and what it is to be checked with. The first vkey is the log's.
type question struct {
	Kind   string // note, checkpoint, proof or policy
	Text   string
	Vkeys  []string
	Origin string
	Entry  []byte // of a proof
	Note   string // the checkpoint that a policy is to be held against
}

type answer struct {
	OK      bool     `json:"ok"`
	Error   string   `json:"error,omitempty"`
	Signers []string `json:"signers,omitempty"`
	Text    string   `json:"text,omitempty"`
	Size    uint64   `json:"size,string,omitempty"`
	Root    []byte   `json:"root,omitempty"`
	Extra   []byte   `json:"extra,omitempty"`
	Index   uint64   `json:"index,string,omitempty"`
}

func verifiers(vkeys []string) ([]note.Verifier, error) {
	var all []note.Verifier
	for _, vkey := range vkeys {
		// One of the two knows the key's type.
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			verifier, err = cosignature.NewVerifierForCosignatureV1(vkey)
		}
		if err != nil {
			return nil, fmt.Errorf("vkey %q: %w", vkey, err)
		}
		all = append(all, verifier)
	}
	return all, nil
}

func signers(opened *note.Note) []string {
	var names []string
	for _, signature := range opened.Sigs {
		names = append(names, signature.Name)
	}
	return names
}

func (q question) answer() (answer, error) {
	keys, err := verifiers(q.Vkeys)
	if err != nil {
		return answer{}, err
	}
	switch q.Kind {
	case "note":
		opened, err := note.Open([]byte(q.Text), note.VerifierList(keys...))
		if err != nil {
			return answer{}, err
		}
		return answer{OK: true, Text: opened.Text, Signers: signers(opened)}, nil
	case "checkpoint":
		return checkpoint([]byte(q.Text), q.Origin, keys)
	case "proof":
		return q.proof(keys)
	case "policy":
		group, err := witness.ParsePolicy([]byte(q.Text))
		if err != nil {
			return answer{}, err
		}
		if !group.Satisfied([]byte(q.Note)) {
			return answer{}, errors.New("no quorum")
		}
		return answer{OK: true}, nil
	}
	return answer{}, fmt.Errorf("kind %q", q.Kind)
}

func checkpoint(text []byte, origin string, keys []note.Verifier) (answer, error) {
	if len(keys) == 0 {
		return answer{}, errors.New("no key of the log")
	}
	head, _, opened, err := log.ParseCheckpoint(text, origin, keys[0], keys[1:]...)
	if err != nil {
		return answer{}, err
	}
	return answer{OK: true, Size: head.Size, Root: head.Hash, Signers: signers(opened)}, nil
}

func (q question) proof(keys []note.Verifier) (answer, error) {
	var parsed proof.TLogProof
	if err := parsed.Unmarshal([]byte(q.Text)); err != nil {
		return answer{}, err
	}
	if !bytes.Equal(parsed.Marshal(), []byte(q.Text)) {
		return answer{}, errors.New("the proof is written differently")
	}
	head, err := checkpoint(parsed.Checkpoint, q.Origin, keys)
	if err != nil {
		return answer{}, err
	}
	var path tlog.RecordProof
	for _, hash := range parsed.Hashes {
		path = append(path, tlog.Hash(hash))
	}
	leaf := tlog.RecordHash(q.Entry)
	root := tlog.Hash(head.Root)
	if err := tlog.CheckRecord(path, int64(head.Size), root, int64(parsed.Index), leaf); err != nil {
		return answer{}, err
	}
	head.Index, head.Extra = parsed.Index, parsed.ExtraData
	return head, nil
}
