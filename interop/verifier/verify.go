// Package verifier is a second reader of VaultMesh's proof bundles and fork proofs. It was written
// from docs/formats alone and shares no code with the TypeScript verifier: where the two disagree,
// one is wrong. Trees of more than 2^62 leaves are beyond it, as they are beyond sumdb/tlog.
package verifier

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/gowebpki/jcs"
	"golang.org/x/mod/sumdb/tlog"
)

type timestamp struct {
	Der  string `json:"der"`
	Over int    `json:"over"`
}

type entry struct {
	Envelope struct {
		Payload     string `json:"payload"`
		PayloadType string `json:"payloadType"`
		Signatures  []struct {
			Keyid string `json:"keyid"`
			Sig   string `json:"sig"`
		} `json:"signatures"`
	} `json:"envelope"`
	Timestamps []timestamp `json:"timestamps"`
}

type bundle struct {
	Entry string `json:"entry"`
	Hints *struct {
		Certificates []string `json:"certificates,omitempty"`
		Keys         []struct {
			Algorithm string `json:"algorithm"`
			PublicKey string `json:"publicKey"`
		} `json:"keys,omitempty"`
		Revocations []string `json:"revocations,omitempty"`
	} `json:"hints"`
	MediaType string            `json:"mediaType"`
	Proof     string            `json:"proof"`
	Related   []json.RawMessage `json:"related"`
}

type trustedKey struct {
	Algorithm  string   `json:"algorithm"`
	Name       string   `json:"name"`
	Namespaces []string `json:"namespaces"`
	PublicKey  string   `json:"publicKey"`
	Roles      []string `json:"roles"`
	ValidFrom  string   `json:"validFrom"`
	ValidUntil string   `json:"validUntil,omitempty"`
}

type policy struct {
	Keys []trustedKey `json:"keys"`
	Logs []struct {
		Namespaces []string `json:"namespaces"`
		Origin     string   `json:"origin"`
		Policy     string   `json:"policy"`
	} `json:"logs"`
	MediaType string `json:"mediaType"`
	Require   struct {
		IndependentTime bool `json:"independentTime"`
		Signatures      int  `json:"signatures"`
		Timestamps      int  `json:"timestamps"`
		Witnesses       bool `json:"witnesses"`
	} `json:"require"`
	TimeAuthorities []authority `json:"timeAuthorities"`
}

// strictJSON takes bytes only if they are RFC 8785 and, for structs, hold no unknown member.
func strictJSON(b []byte, into any) error {
	canonical, err := jcs.Transform(b)
	if err != nil {
		return err
	}
	if !bytes.Equal(canonical, b) {
		return errors.New("not canonical JSON")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	// encoding/json takes members of another case, null, and members that are missing.
	again, err := json.Marshal(into)
	if err != nil {
		return err
	}
	if again, err = jcs.Transform(again); err == nil && !bytes.Equal(again, b) {
		err = errors.New("members are missing, null or of another case")
	}
	return err
}

func strictBase64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err == nil && base64.StdEncoding.EncodeToString(b) != s {
		err = errors.New("not canonical base64")
	}
	return b, err
}

var timePattern = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$`)

func strictTime(s string) (time.Time, error) {
	if !timePattern.MatchString(s) {
		return time.Time{}, fmt.Errorf("not a time: %q", s)
	}
	return time.Parse(time.RFC3339, s)
}

var keyidPattern = regexp.MustCompile(`^(ed25519:[0-9a-f]{64}|openpgp:([0-9a-f]{40}|[0-9a-f]{64}))$`)

// check holds the shape of an entry, not what its parts say.
func (e *entry) check() error {
	signatures := e.Envelope.Signatures
	if len(signatures) < 1 || len(signatures) > 8 || e.Envelope.Payload == "" {
		return errors.New("payload or number of signatures")
	}
	seen := map[string]bool{}
	for _, s := range signatures {
		sig, err := strictBase64(s.Sig)
		wrongLength := strings.HasPrefix(s.Keyid, "ed25519:") && len(sig) != 64
		if err != nil || len(sig) == 0 || wrongLength || seen[s.Keyid] || !keyidPattern.MatchString(s.Keyid) {
			return fmt.Errorf("signature of %q", s.Keyid)
		}
		seen[s.Keyid] = true
	}
	for _, t := range e.Timestamps {
		if der, err := strictBase64(t.Der); err != nil || len(der) == 0 || t.Over < 0 || t.Over >= len(signatures) {
			return errors.New("timestamps")
		}
	}
	return nil
}

// Verify says nil, or the id of the check that refuses the bundle and why.
func Verify(bundleBytes, policyBytes []byte) error {
	refuse := func(check string, err error) error { return fmt.Errorf("%s: %w", check, err) }
	var p policy
	if err := strictJSON(policyBytes, &p); err != nil {
		return refuse("policy", err)
	}
	if len(bundleBytes) > 4<<20 {
		return refuse("bundle.format", errors.New("more than 4 MiB"))
	}
	var b bundle
	if err := strictJSON(bundleBytes, &b); err != nil {
		return refuse("bundle.format", err)
	}
	leaf, err := strictBase64(b.Entry)
	if err != nil || b.MediaType != "application/vnd.vaultmesh.proof.v0+json" || b.Hints == nil || b.Related == nil || len(b.Related) != 0 {
		return refuse("bundle.format", fmt.Errorf("members: %v", err))
	}
	index, path, note, err := readProof(b.Proof)
	if err != nil {
		return refuse("bundle.format", err)
	}
	head, origin, err := readCheckpoint(note)
	if err != nil {
		return refuse("bundle.format", err)
	}
	var e entry
	if err := strictJSON(leaf, &e); err != nil || len(leaf) > 65535 || e.Timestamps == nil || len(e.Timestamps) > 16 {
		return refuse("entry.format", fmt.Errorf("members or size: %v", err))
	}
	if err := e.check(); err != nil {
		return refuse("entry.format", err)
	}
	payload, err := strictBase64(e.Envelope.Payload)
	if err != nil || e.Envelope.PayloadType != "application/vnd.in-toto+json" {
		return refuse("entry.format", fmt.Errorf("payload: %v", err))
	}
	rec, err := readRecord(payload)
	if err != nil {
		return refuse("record.format", err)
	}
	if err := rec.checkBody(); err != nil {
		return refuse("record.body", err)
	}

	pae := fmt.Appendf(nil, "DSSEv1 %d %s %d ", len(e.Envelope.PayloadType), e.Envelope.PayloadType, len(payload))
	pae = append(pae, payload...)
	signedBy := map[int]trustedKey{}
	for i, s := range e.Envelope.Signatures {
		sig, _ := strictBase64(s.Sig)
		for _, k := range p.Keys {
			if !slices.Contains(k.Namespaces, rec.namespace) || !k.maySign(rec.kind) {
				continue
			}
			named, err := k.verify(s.Keyid, pae, sig, time.Time{})
			if err != nil {
				return refuse("signature.valid", err)
			}
			if named {
				signedBy[i] = k
			}
		}
	}
	signers := map[string]bool{}
	for _, k := range signedBy {
		signers[k.PublicKey] = true
	}
	if len(signers) < max(1, p.Require.Signatures) {
		return refuse("signature.key", errors.New("too few trusted signatures"))
	}

	// By signature, then by whether the authority is independent.
	attested := [2]map[int]time.Time{{}, {}}
	stamped := map[string]bool{}
	independent := false
	for _, t := range e.Timestamps {
		der, _ := strictBase64(t.Der)
		sig, _ := strictBase64(e.Envelope.Signatures[t.Over].Sig)
		if _, counts := signedBy[t.Over]; !counts {
			continue
		}
		at, by, err := verifyToken(der, sha256.Sum256(sig), p.TimeAuthorities)
		if err != nil {
			return refuse("time.token", err)
		}
		if by == nil {
			continue
		}
		stamped[by.Name] = true
		independent = independent || !by.SelfIssued
		times := attested[0]
		if !by.SelfIssued {
			times = attested[1]
		}
		if old, ok := times[t.Over]; !ok || at.Before(old) {
			times[t.Over] = at
		}
	}
	if len(stamped) < p.Require.Timestamps {
		return refuse("time.token", errors.New("too few authorities"))
	}
	if p.Require.IndependentTime && !independent {
		return refuse("time.independent", errors.New("self-issued"))
	}
	for i, k := range signedBy {
		at, ok := attested[1][i]
		if !ok {
			at = attested[0][i]
		}
		if err := k.within(at); err != nil {
			return refuse("signature.window", err)
		}
		sig, _ := strictBase64(e.Envelope.Signatures[i].Sig)
		if _, err := k.verify(e.Envelope.Signatures[i].Keyid, pae, sig, at); err != nil {
			return refuse("signature.window", err)
		}
	}

	for _, l := range p.Logs {
		if l.Origin != origin || !slices.Contains(l.Namespaces, rec.namespace) {
			continue
		}
		witnessed, err := openCheckpoint(note, l.Policy)
		if err != nil {
			return refuse("log.checkpoint", err)
		}
		if strings.Count(note[:strings.LastIndex(note, "\n\n")], "\n") != 2 {
			return refuse("log.checkpoint", errors.New("the checkpoint has extension lines"))
		}
		if index < 0 || index >= head.N {
			return refuse("log.inclusion", errors.New("index beyond size"))
		}
		if err := checkRecord(path, head, index, tlog.RecordHash(leaf)); err != nil {
			return refuse("log.inclusion", err)
		}
		if witnessed != nil && p.Require.Witnesses {
			return refuse("log.witnessed", witnessed)
		}
		if rec.afterOrigin == origin && rec.afterSize > uint64(index) {
			return refuse("record.after", errors.New("claims to have seen its own future"))
		}
		return nil
	}
	return refuse("log.origin", fmt.Errorf("%q is not a log of namespace %q", origin, rec.namespace))
}

// maySign says whether the key's roles let it sign records of a kind.
func (k trustedKey) maySign(kind string) bool {
	byAgent := kind == "decision" || kind == "routing"
	return slices.Contains(k.Roles, "record") || byAgent && slices.Contains(k.Roles, "agent")
}

func (k trustedKey) within(at time.Time) error {
	from, err := strictTime(k.ValidFrom)
	if err != nil {
		return err
	}
	if at.IsZero() && k.ValidUntil != "" || !at.IsZero() && at.Before(from) {
		return errors.New("not valid at the attested time")
	}
	if k.ValidUntil != "" {
		if until, err := strictTime(k.ValidUntil); err != nil || !at.Before(until) {
			return errors.New("no longer valid at the attested time")
		}
	}
	return nil
}

// verify says whether a keyid names this key, and whether the signature is then right. An OpenPGP
// key is judged at a time; the zero time stands for the signature's own.
func (k trustedKey) verify(keyid string, pae, sig []byte, at time.Time) (named bool, err error) {
	raw, err := strictBase64(k.PublicKey)
	if err != nil {
		return false, err
	}
	switch k.Algorithm {
	case "ed25519":
		id := sha256.Sum256(raw)
		if keyid != "ed25519:"+hex.EncodeToString(id[:]) {
			return false, nil
		}
		if len(raw) != 32 || len(sig) != 64 || !ed25519.Verify(raw, pae, sig) {
			return true, errors.New("Ed25519 signature")
		}
		return true, nil
	case "openpgp":
		ring, err := openpgp.ReadKeyRing(bytes.NewReader(raw))
		if err != nil || len(ring) != 1 {
			return false, errors.New("OpenPGP key")
		}
		fingerprints := []string{hex.EncodeToString(ring[0].PrimaryKey.Fingerprint)}
		for _, s := range ring[0].Subkeys {
			fingerprints = append(fingerprints, hex.EncodeToString(s.PublicKey.Fingerprint))
		}
		if !slices.ContainsFunc(fingerprints, func(f string) bool { return keyid == "openpgp:"+f }) {
			return false, nil
		}
		packets := packet.NewReader(bytes.NewReader(sig))
		first, err := packets.Next()
		s, ok := first.(*packet.Signature)
		if err != nil || !ok || s.SigType != packet.SigTypeBinary || !strings.HasSuffix(keyid, hex.EncodeToString(s.IssuerFingerprint)) {
			return true, errors.New("not one signature packet of type 0x00 by that key")
		}
		if _, err := packets.Next(); err != io.EOF {
			return true, errors.New("more than one packet")
		}
		if at.IsZero() {
			at = s.CreationTime
		}
		config := &packet.Config{Time: func() time.Time { return at }}
		_, err = openpgp.CheckDetachedSignature(ring, bytes.NewReader(pae), bytes.NewReader(sig), config)
		return true, err
	}
	return false, fmt.Errorf("unknown algorithm %q", k.Algorithm)
}

// readProof reads a C2SP tlog-proof without `extra`.
func readProof(text string) (index int64, path tlog.RecordProof, note string, err error) {
	head, note, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return 0, nil, "", errors.New("not a tlog-proof")
	}
	digits, ok := strings.CutPrefix(lines[1], "index ")
	index, err = strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || strconv.FormatInt(index, 10) != digits {
		return 0, nil, "", errors.New("index line")
	}
	for _, line := range lines[2:] {
		h, err := strictBase64(line)
		if err != nil || len(h) != tlog.HashSize {
			return 0, nil, "", errors.New("hash line")
		}
		path = append(path, tlog.Hash(h))
	}
	return index, path, note, nil
}
