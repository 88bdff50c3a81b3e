package main

import (
	"crypto/rand"
	"fmt"

	"github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// made is a log of some entries with fresh keys. It has a witness of the kind that signs with
// Ed25519, and one that signs with ML-DSA-44.
type made struct {
	Origin     string   `json:"origin"`
	Log        string   `json:"log"`     // vkey
	Witness    string   `json:"witness"` // vkey
	MLDSA      string   `json:"mldsa"`   // vkey
	Note       string   `json:"note"`    // a note that is no checkpoint, by the log
	Entries    [][]byte `json:"entries"`
	Checkpoint string   `json:"checkpoint"` // by the log alone
	Cosigned   string   `json:"cosigned"`   // by the log and both witnesses
	Proofs     []string `json:"proofs"`     // of each entry, with extra data
	Root       []byte   `json:"root"`
}

const entryCount = 21

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		found = append(found, h[index])
	}
	return found, nil
}

func makeLog() (m made, err error) {
	m.Origin = "interop.example/log"
	secret, vkey, err := note.GenerateKey(rand.Reader, m.Origin)
	if err != nil {
		return m, err
	}
	m.Log = vkey
	logSigner, err := note.NewSigner(secret)
	if err != nil {
		return m, err
	}
	secret, vkey, err = note.GenerateKey(rand.Reader, "interop.example/witness")
	if err != nil {
		return m, err
	}
	if m.Witness, err = cosignature.VKeyToCosignatureV1(vkey); err != nil {
		return m, err
	}
	witness, err := cosignature.NewSignerForCosignatureV1(secret)
	if err != nil {
		return m, err
	}
	secret, m.MLDSA, err = cosignature.GenerateMLDSAKey("interop.example/mldsa")
	if err != nil {
		return m, err
	}
	mldsa, err := cosignature.NewMLDSASigner(secret)
	if err != nil {
		return m, err
	}
	signed, err := note.Sign(&note.Note{Text: "Zwölf Boxkämpfer\n\njagen Viktor\n"}, logSigner)
	if err != nil {
		return m, err
	}
	m.Note = string(signed)

	var stored hashes
	for i := range entryCount {
		entry := make([]byte, i*i*7)
		_, _ = rand.Read(entry)
		m.Entries = append(m.Entries, entry)
		added, err := tlog.StoredHashes(int64(i), entry, stored)
		if err != nil {
			return m, err
		}
		stored = append(stored, added...)
	}
	root, err := tlog.TreeHash(entryCount, stored)
	if err != nil {
		return m, err
	}
	m.Root = root[:]
	head := log.Checkpoint{Origin: m.Origin, Size: entryCount, Hash: root[:]}
	text := &note.Note{Text: string(head.Marshal())}
	if signed, err = note.Sign(text, logSigner); err != nil {
		return m, err
	}
	m.Checkpoint = string(signed)
	if signed, err = note.Sign(text, logSigner, witness, mldsa); err != nil {
		return m, err
	}
	m.Cosigned = string(signed)
	for i := range entryCount {
		path, err := tlog.ProveRecord(entryCount, int64(i), stored)
		if err != nil {
			return m, err
		}
		p := proof.TLogProof{
			Index:      uint64(i),
			Checkpoint: signed,
			ExtraData:  []byte(fmt.Sprintf("extra %d", i)),
		}
		for _, hash := range path {
			p.Hashes = append(p.Hashes, hash)
		}
		m.Proofs = append(m.Proofs, string(p.Marshal()))
	}
	return m, nil
}
