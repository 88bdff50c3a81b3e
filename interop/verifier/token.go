package verifier

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

type authority struct {
	Anchors    []string `json:"anchors"`
	Name       string   `json:"name"`
	Pins       []string `json:"pins"`
	SelfIssued bool     `json:"selfIssued"`
	ValidFrom  string   `json:"validFrom"`
	ValidUntil string   `json:"validUntil,omitempty"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version          int
	DigestAlgorithms []pkix.AlgorithmIdentifier `asn1:"set"`
	Encapsulated     struct {
		Type    asn1.ObjectIdentifier
		Content []byte `asn1:"explicit,tag:0"`
	}
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	CRLs         asn1.RawValue `asn1:"optional,tag:1"`
	SignerInfos  []signerInfo  `asn1:"set"`
}

type signerInfo struct {
	Version int
	SID     struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	DigestAlgorithm    pkix.AlgorithmIdentifier
	SignedAttrs        asn1.RawValue `asn1:"tag:0"`
	SignatureAlgorithm pkix.AlgorithmIdentifier
	Signature          []byte
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type tstInfo struct {
	Version int
	Policy  asn1.RawValue
	Imprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Hash      []byte
	}
	Serial  *big.Int
	GenTime time.Time `asn1:"generalized"`
	Rest    []asn1.RawValue
}

var (
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidECDSASHA256   = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidEKU           = asn1.ObjectIdentifier{2, 5, 29, 37}
)

func unmarshal(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err == nil && len(rest) != 0 {
		err = errors.New("trailing bytes")
	}
	return err
}

// verifyToken gives the time and the authority of a bare TimeStampToken, no authority where it
// chains to none that is trusted, and an error where it claims a trusted one and is wrong.
func verifyToken(der []byte, imprint [32]byte, authorities []authority) (time.Time, *authority, error) {
	fail := func(what string) (time.Time, *authority, error) { return time.Time{}, nil, errors.New(what) }
	var outer contentInfo
	var sd signedData
	if err := unmarshal(der, &outer); err != nil || !outer.Type.Equal(oidSignedData) {
		return fail("not a bare token")
	}
	if err := unmarshal(outer.Content.Bytes, &sd); err != nil || sd.Version != 3 || !sd.Encapsulated.Type.Equal(oidTSTInfo) || len(sd.SignerInfos) != 1 {
		return fail("SignedData")
	}
	var tst tstInfo
	content := sd.Encapsulated.Content
	if err := unmarshalTSTInfo(content, &tst); err != nil || tst.Version != 1 {
		return fail(fmt.Sprint("TSTInfo ", err))
	}
	si := sd.SignerInfos[0]
	certificates, err := x509.ParseCertificates(sd.Certificates.Bytes)
	if err != nil {
		return fail("certificates")
	}
	at := slices.IndexFunc(certificates, func(c *x509.Certificate) bool {
		return bytes.Equal(c.RawIssuer, si.SID.Issuer.FullBytes) && c.SerialNumber.Cmp(si.SID.Serial) == 0
	})
	if at < 0 {
		return fail("no certificate of the signer")
	}
	leaf := certificates[at]
	// A token of a stranger is ignored before anything else about it is looked at.
	var by *authority
	for i := range authorities {
		ok, err := authorities[i].issued(leaf, certificates, tst.GenTime)
		if err != nil {
			return fail(err.Error())
		}
		if ok {
			by = &authorities[i]
			break
		}
	}
	if by == nil {
		return time.Time{}, nil, nil
	}
	if !tst.Imprint.Algorithm.Algorithm.Equal(oidSHA256) || !bytes.Equal(tst.Imprint.Hash, imprint[:]) {
		return fail("imprint is of other data")
	}
	attrs := slices.Clone(si.SignedAttrs.FullBytes)
	if len(attrs) == 0 {
		return fail("no signed attributes")
	}
	attrs[0] = 0x31
	var list []attribute
	if rest, err := asn1.UnmarshalWithParams(attrs, &list, "set"); err != nil || len(rest) != 0 {
		return fail("signed attributes")
	}
	var digest []byte
	var contentType asn1.ObjectIdentifier
	var essHash []byte
	for _, a := range list {
		if len(a.Values) != 1 {
			return fail("attribute values")
		}
		switch {
		case a.Type.Equal(oidMessageDigest):
			err = unmarshal(a.Values[0].FullBytes, &digest)
		case a.Type.Equal(oidContentType):
			err = unmarshal(a.Values[0].FullBytes, &contentType)
		case a.Type.Equal(oidSigningCertV2):
			essHash, err = firstCertHash(a.Values[0].FullBytes)
		}
		if err != nil {
			return fail("attribute")
		}
	}
	contentHash, leafHash := sha256.Sum256(content), sha256.Sum256(leaf.Raw)
	if !bytes.Equal(digest, contentHash[:]) || !contentType.Equal(oidTSTInfo) || !bytes.Equal(essHash, leafHash[:]) {
		return fail("content type, digest or signing certificate")
	}
	if !si.SignatureAlgorithm.Algorithm.Equal(oidECDSASHA256) || leaf.CheckSignature(x509.ECDSAWithSHA256, attrs, si.Signature) != nil {
		return fail("signature of the token")
	}
	if len(leaf.ExtKeyUsage) != 1 || len(leaf.UnknownExtKeyUsage) != 0 || !slices.ContainsFunc(leaf.Extensions, func(e pkix.Extension) bool {
		return e.Id.Equal(oidEKU) && e.Critical
	}) {
		return fail("extended key usage")
	}
	return tst.GenTime, by, nil
}

func unmarshalTSTInfo(der []byte, tst *tstInfo) error {
	var outer asn1.RawValue
	if err := unmarshal(der, &outer); err != nil {
		return err
	}
	rest := outer.Bytes
	for _, field := range []any{&tst.Version, &tst.Policy, &tst.Imprint, &tst.Serial} {
		var err error
		if rest, err = asn1.Unmarshal(rest, field); err != nil {
			return err
		}
	}
	_, err := asn1.UnmarshalWithParams(rest, &tst.GenTime, "generalized")
	return err
}

// firstCertHash reads ESSCertIDv2 of SigningCertificateV2 with its default hash, SHA-256 (RFC 5035).
func firstCertHash(der []byte) ([]byte, error) {
	var v struct {
		Certs []struct {
			Hash         []byte
			IssuerSerial asn1.RawValue `asn1:"optional"`
		}
	}
	if err := unmarshal(der, &v); err != nil || len(v.Certs) == 0 {
		return nil, errors.New("SigningCertificateV2")
	}
	return v.Certs[0].Hash, nil
}

func (a *authority) issued(leaf *x509.Certificate, others []*x509.Certificate, at time.Time) (bool, error) {
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	for _, text := range a.Anchors {
		der, err := strictBase64(text)
		if err != nil {
			return false, err
		}
		anchor, err := x509.ParseCertificate(der)
		if err != nil {
			return false, err
		}
		roots.AddCert(anchor)
	}
	for _, c := range others {
		intermediates.AddCert(c)
	}
	// The chain is judged at genTime; where only the time is wrong, the token claims this authority.
	options := x509.VerifyOptions{Roots: roots, Intermediates: intermediates, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	if _, err := leaf.Verify(options); err != nil {
		var invalid x509.CertificateInvalidError
		if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
			return false, errors.New("certificate not valid at genTime")
		}
		return false, nil
	}
	pin := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	if len(a.Pins) > 0 && !slices.Contains(a.Pins, base64.StdEncoding.EncodeToString(pin[:])) {
		return false, errors.New("not a pinned key of the authority")
	}
	from, err := strictTime(a.ValidFrom)
	if err != nil || at.Before(from) {
		return false, errors.New("before the authority's window")
	}
	if a.ValidUntil != "" {
		if until, err := strictTime(a.ValidUntil); err != nil || !at.Before(until) {
			return false, errors.New("after the authority's window")
		}
	}
	return true, nil
}
