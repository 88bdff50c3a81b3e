package verifier

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

type forkProof struct {
	Contradiction *struct {
		Hashes []string `json:"hashes"`
		Root   string   `json:"root"`
	} `json:"contradiction,omitempty"`
	Divergence *struct {
		Branches []struct {
			Consistency []string `json:"consistency"`
			Inclusion   []string `json:"inclusion"`
			LeafHash    string   `json:"leafHash"`
		} `json:"branches"`
		Root string `json:"root"`
		Size string `json:"size"`
	} `json:"divergence,omitempty"`
	Heads     []string `json:"heads"`
	MediaType string   `json:"mediaType"`
	Origin    string   `json:"origin"`
}

// hashReader reads hashes and remembers the first that is none.
type hashReader struct{ err error }

func (r *hashReader) one(text string) (h tlog.Hash) {
	b, err := strictBase64(text)
	if err != nil || len(b) != tlog.HashSize {
		r.err = errors.New("not a hash")
		return h
	}
	return tlog.Hash(b)
}

func (r *hashReader) list(texts []string) (hashes []tlog.Hash) {
	if texts == nil || len(texts) > 65 {
		r.err = errors.New("not a list, or too many hashes")
	}
	for _, text := range texts {
		hashes = append(hashes, r.one(text))
	}
	return hashes
}

// isPrefix checks that the tree of size leaves with this root is a prefix of the tree of head.
func isPrefix(size int64, root tlog.Hash, head tlog.Tree, proof []tlog.Hash) error {
	if size == 0 {
		if len(proof) > 0 || root != sha256.Sum256(nil) {
			return errors.New("the tree without leaves has one root and no proof")
		}
		return nil
	}
	if head.N > maxTree {
		return errors.New("too many leaves")
	}
	return tlog.CheckTree(proof, head.N, head.Hash, size, root)
}

// namesLog says whether a log key of a tlog-policy has this name.
func namesLog(policyText, origin string) bool {
	return slices.ContainsFunc(strings.Split(policyText, "\n"), func(line string) bool {
		f := strings.Fields(line)
		return len(f) >= 2 && f[0] == "log" && strings.HasPrefix(f[1], origin+"+")
	})
}

// VerifyFork says whether the quorum of a tlog-policy cosigned each head of a fork proof, or the id
// of the check that refuses it and why.
func VerifyFork(proofBytes, policyText []byte) (witnessed [2]bool, err error) {
	refuse := func(check string, err error) ([2]bool, error) { return witnessed, fmt.Errorf("%s: %w", check, err) }
	malformed := func(what string) ([2]bool, error) { return refuse("fork.format", errors.New(what)) }
	var p forkProof
	if len(proofBytes) > 256<<10 {
		return malformed("length")
	}
	if err := strictJSON(proofBytes, &p); err != nil {
		return refuse("fork.format", err)
	}
	if p.MediaType != "application/vnd.vaultmesh.fork.v0+json" || len(p.Heads) != 2 {
		return malformed("mediaType or number of heads")
	}
	var heads [2]tlog.Tree
	var texts [2]string
	for i, note := range p.Heads {
		head, origin, err := readCheckpoint(note)
		if err != nil || origin != p.Origin {
			return malformed("a head is no checkpoint of the origin")
		}
		heads[i], texts[i] = head, note[:strings.LastIndex(note, "\n\n")+1]
		if len(texts[i]) > 16<<10 {
			return malformed("a head is too long")
		}
	}
	first, second := heads[0], heads[1]
	byRoot := bytes.Compare(first.Hash[:], second.Hash[:])
	if first.N > second.N || first.N == second.N && (byRoot > 0 || byRoot == 0 && texts[0] >= texts[1]) {
		return malformed("order of the heads")
	}
	if (p.Contradiction != nil) != (first.N > 0 && first.N < second.N) {
		return malformed("contradiction")
	}
	var reader hashReader
	var otherRoot, commonRoot tlog.Hash
	var grown []tlog.Hash
	if c := p.Contradiction; c != nil {
		otherRoot, grown = reader.one(c.Root), reader.list(c.Hashes)
	}
	var common int64
	var leaves [2]tlog.Hash
	var consistency, inclusion [2][]tlog.Hash
	if d := p.Divergence; d != nil {
		common, err = strconv.ParseInt(d.Size, 10, 64)
		if err != nil || strconv.FormatInt(common, 10) != d.Size || common < 0 || common >= first.N || len(d.Branches) != 2 {
			return malformed("divergence")
		}
		commonRoot = reader.one(d.Root)
		for i, b := range d.Branches {
			leaves[i], consistency[i], inclusion[i] = reader.one(b.LeafHash), reader.list(b.Consistency), reader.list(b.Inclusion)
		}
	}
	if reader.err != nil {
		return refuse("fork.format", reader.err)
	}

	if !namesLog(string(policyText), p.Origin) {
		return refuse("fork.origin", errors.New("the policy does not know the log"))
	}
	for i, note := range p.Heads {
		unwitnessed, err := openCheckpoint(note, string(policyText))
		if err != nil {
			return refuse("fork.signatures", err)
		}
		witnessed[i] = unwitnessed == nil
	}

	switch {
	case first.N == second.N && first.Hash == second.Hash, first.N == 0 && second.N > 0 && first.Hash == sha256.Sum256(nil):
		return refuse("fork.contradiction", errors.New("the heads do not contradict each other"))
	case p.Contradiction != nil:
		if err := isPrefix(first.N, otherRoot, second, grown); err != nil || otherRoot == first.Hash {
			return refuse("fork.contradiction", fmt.Errorf("the other root: %v", err))
		}
	}
	if p.Divergence == nil {
		return witnessed, nil
	}
	for i, head := range heads {
		if err := isPrefix(common, commonRoot, head, consistency[i]); err != nil {
			return refuse("fork.divergence", err)
		}
		if err := checkRecord(inclusion[i], head, common, leaves[i]); err != nil {
			return refuse("fork.divergence", err)
		}
	}
	if leaves[0] == leaves[1] {
		return refuse("fork.divergence", errors.New("the leaves are the same"))
	}
	return witnessed, nil
}
