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
func readCheckpoint(note string) (head tlog.Tree, origin string, err error) {
	at := strings.LastIndex(note, "\n\n")
	if at < 0 || !strings.HasPrefix(note[at+2:], "\u2014 ") {
		return head, "", errors.New("not a signed note")
	}
	lines := strings.Split(note[:at], "\n")
	if len(lines) < 3 || lines[0] == "" {
		return head, "", errors.New("not a checkpoint")
	}
	size, sizeErr := strconv.ParseInt(lines[1], 10, 64)
	root, rootErr := strictBase64(lines[2])
	if sizeErr != nil || strconv.FormatInt(size, 10) != lines[1] || rootErr != nil || len(root) != tlog.HashSize {
		return head, "", errors.New("size or root of the checkpoint")
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}, lines[0], nil
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
	opened, err := note.Open([]byte(text), note.VerifierList(append(slices.Clone(logs), witnesses...)...))
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(opened.Sigs, func(s note.Signature) bool {
		return slices.ContainsFunc(logs, func(v note.Verifier) bool { return s.Name == v.Name() && s.Hash == v.KeyHash() })
	}) {
		return nil, errors.New("not signed by the log")
	}
	if strings.Count(opened.Text, "\n") != 3 {
		return nil, errors.New("the checkpoint has extension lines")
	}
	if quorum == "none" {
		return errors.New("no quorum of witnesses is asked for"), nil
	}
	if judge, ok := groups[quorum]; !ok || !judge(opened.Sigs) {
		return errors.New("no quorum of witnesses"), nil
	}
	return nil, nil
}
