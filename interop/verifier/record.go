package verifier

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gowebpki/jcs"
)

type statement struct {
	Type          string         `json:"_type"`
	Predicate     map[string]any `json:"predicate"`
	PredicateType string         `json:"predicateType"`
	Subject       []struct {
		Digest map[string]string `json:"digest"`
		Name   string            `json:"name"`
	} `json:"subject"`
}

type record struct {
	statement
	namespace, kind string
	afterOrigin     string
	afterSize       uint64
}

var (
	label       = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	lowerHex    = regexp.MustCompile(`^([0-9a-f]{2})+$`)
	gitCommit   = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	recordID    = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	relation    = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	visible     = regexp.MustCompile(`^[!-~]{1,128}$`)
	linkURI     = regexp.MustCompile(`^(https://|urn:)\S+$`)
	decimal     = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)
	anyText     = regexp.MustCompile(`(?s)^.`)
	oneOf       = func(words string) *regexp.Regexp { return regexp.MustCompile("^(" + words + ")$") }
	kindMembers = map[string]map[string]*regexp.Regexp{
		"decision":   {"status": oneOf("proposed|accepted|rejected|superseded")},
		"incident":   {"severity": oneOf("sev[1-4]"), "status": oneOf("open|mitigated|resolved")},
		"discovery":  {},
		"note":       {},
		"artifact":   {"mediaType?": anyText, "size?": decimal},
		"deployment": {"service": label, "environment": label, "outcome": oneOf("succeeded|failed|rolled-back"), "version?": anyText},
		"routing":    {"decision": recordID, "outcome": oneOf("routed|refused"), "policy": anyText, "tenant": anyText, "offer?": anyText},
		"spawn":      {"service": label, "gitCommit?": gitCommit},
	}
)

func plainText(s string, most int) bool {
	n := utf8.RuneCountInString(s)
	return n >= 1 && n <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	})
}

func matches(value any, pattern *regexp.Regexp) bool {
	s, ok := value.(string)
	return ok && pattern.MatchString(s)
}

func readRecord(payload []byte) (*record, error) {
	r := &record{}
	if err := strictJSON(payload, &r.statement); err != nil || len(payload) > 24576 {
		return nil, fmt.Errorf("statement: %v", err)
	}
	kind, ok := strings.CutPrefix(r.PredicateType, "https://vaultmesh.cloud/memory/")
	kind, ok2 := strings.CutSuffix(kind, "/v0")
	members, known := kindMembers[kind]
	if !ok || !ok2 || !known || r.Type != "https://in-toto.io/Statement/v1" {
		return nil, fmt.Errorf("type %q of %q", r.PredicateType, r.Type)
	}
	r.kind = kind
	if len(r.Subject) < 1 || len(r.Subject) > 64 {
		return nil, errors.New("subject")
	}
	for _, s := range r.Subject {
		sha, hasSha := s.Digest["sha256"]
		commit, hasCommit := s.Digest["gitCommit"]
		if len(s.Digest) == 0 || !plainText(s.Name, 1<<16) || hasSha && len(sha) != 64 || hasCommit && !gitCommit.MatchString(commit) {
			return nil, errors.New("subject digest or name")
		}
		for _, d := range s.Digest {
			if !lowerHex.MatchString(d) {
				return nil, errors.New("digest is not lower-case hex")
			}
		}
	}
	p := r.Predicate
	nonce, _ := p["recordNonce"].(string)
	raw, err := strictBase64(nonce)
	title, _ := p["title"].(string)
	occurred, _ := p["occurredAt"].(string)
	if _, timeErr := strictTime(occurred); err != nil || timeErr != nil || len(raw) != 16 || !plainText(title, 200) || !matches(p["namespace"], label) {
		return nil, errors.New("nonce, time, title or namespace")
	}
	r.namespace = p["namespace"].(string)
	if key, has := p["idempotencyKey"]; has && !matches(key, visible) {
		return nil, errors.New("idempotencyKey")
	}
	if err := r.readAfter(); err != nil {
		return nil, err
	}
	if links, has := p["links"]; has {
		list, ok := links.([]any)
		if !ok || len(list) > 32 || slices.ContainsFunc(list, func(l any) bool {
			m, _ := l.(map[string]any)
			_, hasRecord := m["record"]
			return len(m) != 2 || !matches(m["rel"], relation) || hasRecord && !matches(m["record"], recordID) || !hasRecord && !matches(m["uri"], linkURI)
		}) {
			return nil, errors.New("links")
		}
	}
	if tags, has := p["tags"]; has {
		list, ok := tags.([]any)
		seen := map[any]bool{}
		for _, t := range list {
			s, isText := t.(string)
			if !isText || !plainText(s, 64) || seen[s] {
				return nil, errors.New("tags")
			}
			seen[s] = true
		}
		if !ok || len(list) > 32 {
			return nil, errors.New("tags")
		}
	}
	for name, pattern := range members {
		name, optional := strings.CutSuffix(name, "?")
		value, has := p[name]
		if !has && optional {
			continue
		}
		if !matches(value, pattern) {
			return nil, fmt.Errorf("%s of a %s", name, kind)
		}
	}
	hasBody := slices.Contains([]string{"decision", "incident", "discovery", "note"}, kind)
	if (hasBody || kind == "routing" || kind == "spawn") && len(r.Subject) != 1 || hasBody && r.Subject[0].Name != "body" || kind == "routing" && r.Subject[0].Name != "catalog" {
		return nil, errors.New("subject of this kind")
	}
	if _, has := r.Subject[0].Digest["sha256"]; !has && kind != "deployment" {
		return nil, errors.New("subject without sha256")
	}
	if _, has := p["body"]; has && !hasBody {
		return nil, errors.New("body of a kind without one")
	}
	if cost, has := p["costMicroUsd"]; has && kind == "routing" {
		n, isNumber := cost.(float64)
		if !isNumber || n < 0 || n > 1<<53-1 || n != math.Trunc(n) {
			return nil, errors.New("costMicroUsd")
		}
	}
	if kind == "spawn" {
		t, _ := p["template"].(map[string]any)
		if len(t) != 3 || !matches(t["digest"], recordID) || !matches(t["id"], anyText) || !matches(t["version"], anyText) {
			return nil, errors.New("template")
		}
	}
	return r, nil
}

func (r *record) readAfter() error {
	value, has := r.Predicate["after"]
	if !has {
		return nil
	}
	after, _ := value.(map[string]any)
	origin, _ := after["origin"].(string)
	root, _ := after["root"].(string)
	hash, err := strictBase64(root)
	size, _ := after["size"].(string)
	n, sizeErr := strconv.ParseUint(size, 10, 64)
	if len(after) != 3 || !plainText(origin, 1<<16) || err != nil || len(hash) != 32 || sizeErr != nil || !decimal.MatchString(size) {
		return errors.New("after")
	}
	r.afterOrigin, r.afterSize = origin, n
	return nil
}

// checkBody holds an inline body to the subject's digest.
func (r *record) checkBody() error {
	body, has := r.Predicate["body"]
	if !has {
		return nil
	}
	blob, _ := body.(map[string]any)
	if len(blob) != 3 || !matches(blob["mediaType"], visible) || !matches(blob["salt"], anyText) || blob["text"] == nil {
		return errors.New("not a body")
	}
	loose, err := json.Marshal(body)
	if err != nil {
		return err
	}
	canonical, err := jcs.Transform(loose)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(canonical)
	if r.Subject[0].Digest["sha256"] != hex.EncodeToString(sum[:]) {
		return errors.New("does not hash to the subject's digest")
	}
	return nil
}
