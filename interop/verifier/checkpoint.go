package verifier

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// readCheckpoint reads what a signed checkpoint says, and leaves the signatures to openCheckpoint.
func readCheckpoint(text string) (head tlog.Tree, origin string, err error) {
	var unverified *note.UnverifiedNoteError
	if _, err := note.Open([]byte(text), note.VerifierList()); !errors.As(err, &unverified) {
		return head, "", errors.New("not a signed note")
	}
	lines := strings.Split(strings.TrimSuffix(unverified.Note.Text, "\n"), "\n")
	if len(lines) < 3 || slices.Contains(lines, "") {
		return head, "", errors.New("not a checkpoint")
	}
	size, sizeErr := strconv.ParseInt(lines[1], 10, 64)
	root, rootErr := strictBase64(lines[2])
	if sizeErr != nil || strconv.FormatInt(size, 10) != lines[1] || rootErr != nil || len(root) != tlog.HashSize {
		return head, "", errors.New("size or root of the checkpoint")
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}, lines[0], nil
}

// maxTree is the size of the largest tree that is looked into: sumdb/tlog does not come to an end of
// larger ones.
const maxTree = 1 << 62

// checkRecord checks that a leaf is in the tree of head.
func checkRecord(path tlog.RecordProof, head tlog.Tree, index int64, leaf tlog.Hash) error {
	if head.N > maxTree {
		return errors.New("too many leaves")
	}
	return tlog.CheckRecord(path, head.N, head.Hash, index, leaf)
}

// openCheckpoint verifies a checkpoint with golang.org/x/mod/sumdb/note under a tlog-policy. The
// first result is nil when a quorum cosigned it.
func openCheckpoint(text, policyText string) (witnessed, err error) {
	var logs, witnesses []note.Verifier
	groups := map[string]func([]note.Signature) bool{}
	quorum := ""
	for _, line := range strings.Split(policyText, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		switch {
		case f[0] == "log" && len(f) >= 2:
			v, err := note.NewVerifier(f[1])
			if err != nil {
				return nil, err
			}
			logs = append(logs, v)
		case f[0] == "witness" && len(f) >= 3:
			v, err := cosignature.NewVerifierForCosignatureV1(f[2])
			if err != nil {
				return nil, err
			}
			witnesses = append(witnesses, v)
			groups[f[1]] = func(sigs []note.Signature) bool {
				return slices.ContainsFunc(sigs, func(s note.Signature) bool { return s.Name == v.Name() && s.Hash == v.KeyHash() })
			}
		case f[0] == "group" && len(f) >= 4:
			members, need := f[3:], len(f)-3
			if f[2] == "any" {
				need = 1
			} else if f[2] != "all" {
				n, err := strconv.Atoi(f[2])
				if err != nil || n < 1 || n > len(members) {
					return nil, errors.New("group threshold")
				}
				need = n
			}
			groups[f[1]] = func(sigs []note.Signature) bool {
				n := 0
				for _, m := range members {
					if judge, ok := groups[m]; ok && judge(sigs) {
						n++
					}
				}
				return n >= need
			}
		case f[0] == "quorum" && len(f) == 2 && quorum == "":
			quorum = f[1]
		default:
			return nil, errors.New("policy line " + line)
		}
	}
	known := note.VerifierList(append(slices.Clone(logs), witnesses...)...)
	opened, err := note.Open([]byte(text), known)
	if err != nil {
		return nil, err
	}
	// Of several signatures by one key, Open verifies the first.
	begin := len(opened.Text) + 1
	for line := range strings.Lines(text[begin:]) {
		var invalid *note.InvalidSignatureError
		if _, err := note.Open([]byte(text[:begin]+line), known); errors.As(err, &invalid) {
			return nil, err
		}
	}
	origin, _, _ := strings.Cut(opened.Text, "\n")
	if !slices.ContainsFunc(opened.Sigs, func(s note.Signature) bool {
		return s.Name == origin && slices.ContainsFunc(logs, func(v note.Verifier) bool { return s.Name == v.Name() && s.Hash == v.KeyHash() })
	}) {
		return nil, errors.New("not signed by the log")
	}
	if quorum == "none" {
		return errors.New("no quorum of witnesses is asked for"), nil
	}
	if judge, ok := groups[quorum]; !ok || !judge(opened.Sigs) {
		return errors.New("no quorum of witnesses"), nil
	}
	return nil, nil
}
