// Package tesseracheck reads a log in the C2SP tlog-tiles layout with Tessera's own client and fsck.
package tesseracheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
)

// Report is what was found to be right.
type Report struct {
	Size uint64
	Root []byte
}

// fetcherOf reads from a folder, or over HTTP where place is an http URL.
func fetcherOf(place string) (fsck.Fetcher, error) {
	u, err := url.Parse(place)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		return client.NewHTTPFetcher(u, nil)
	}
	return &client.FileFetcher{Root: place}, nil
}

func leafHashes(bundle []byte) ([][]byte, error) {
	var entries api.EntryBundle
	if err := entries.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	hashes := make([][]byte, len(entries.Entries))
	for i, entry := range entries.Entries {
		hashes[i] = rfc6962.DefaultHasher.HashLeaf(entry)
	}
	return hashes, nil
}

// Check runs Tessera's fsck over the log at place (a folder, or an http URL), then, with Tessera's
// client, makes and verifies inclusion proofs of entries spread over it and consistency proofs from
// earlier sizes.
func Check(ctx context.Context, place, origin, vkey string) (*Report, error) {
	verifier, err := fnote.NewVerifier(vkey)
	if err != nil {
		return nil, err
	}
	fetcher, err := fetcherOf(place)
	if err != nil {
		return nil, err
	}
	if err := fsck.New(origin, verifier, fetcher, leafHashes, fsck.Opts{N: 4}).Check(ctx); err != nil {
		return nil, fmt.Errorf("fsck: %w", err)
	}
	checkpoint, _, _, err := client.FetchCheckpoint(ctx, fetcher.ReadCheckpoint, verifier, origin)
	if err != nil {
		return nil, err
	}
	if err := proveEntries(ctx, fetcher, checkpoint); err != nil {
		return nil, fmt.Errorf("inclusion: %w", err)
	}
	if err := proveGrowth(ctx, fetcher, verifier, origin, checkpoint); err != nil {
		return nil, fmt.Errorf("consistency: %w", err)
	}
	return &Report{checkpoint.Size, checkpoint.Hash}, nil
}

// samples are at most 16 numbers below size, the ends and those around full tiles among them.
func samples(size uint64) []uint64 {
	var picked []uint64
	for _, i := range []uint64{0, 1, 254, 255, 256, 257, 65535, 65536} {
		if i < size {
			picked = append(picked, i)
		}
	}
	for i := uint64(0); i < 8 && size > 0; i++ {
		picked = append(picked, (size-1)*i/7)
	}
	return picked
}

func proveEntries(ctx context.Context, f fsck.Fetcher, head *log.Checkpoint) error {
	if head.Size == 0 {
		return nil
	}
	builder, err := client.NewProofBuilder(ctx, head.Size, f.ReadTile)
	if err != nil {
		return err
	}
	for _, index := range samples(head.Size) {
		bundle, err := client.GetEntryBundle(ctx, f.ReadEntryBundle, index/256, head.Size)
		if err != nil {
			return err
		}
		leaf := rfc6962.DefaultHasher.HashLeaf(bundle.Entries[index%256])
		hashes, err := builder.InclusionProof(ctx, index)
		if err != nil {
			return err
		}
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, head.Size, leaf, hashes, head.Hash); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
	}
	return nil
}

// rootAt is the root of the first size leaves, out of the log's tiles.
func rootAt(ctx context.Context, f fsck.Fetcher, head *log.Checkpoint, size uint64) ([]byte, error) {
	hashes, err := client.FetchLeafHashes(ctx, f.ReadTile, 0, size, head.Size)
	if err != nil {
		return nil, err
	}
	return rootOf(hashes), nil
}

func rootOf(hashes [][]byte) []byte {
	if len(hashes) == 1 {
		return hashes[0]
	}
	split := 1
	for 2*split < len(hashes) {
		split *= 2
	}
	return rfc6962.DefaultHasher.HashChildren(rootOf(hashes[:split]), rootOf(hashes[split:]))
}

func proveGrowth(ctx context.Context, f fsck.Fetcher, v note.Verifier, origin string, head *log.Checkpoint) error {
	builder, err := client.NewProofBuilder(ctx, head.Size, f.ReadTile)
	if err != nil {
		return err
	}
	for _, smaller := range samples(head.Size) {
		if smaller == 0 {
			continue
		}
		root, err := rootAt(ctx, f, head, smaller)
		if err != nil {
			return err
		}
		hashes, err := builder.ConsistencyProof(ctx, smaller, head.Size)
		if err != nil {
			return err
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, smaller, head.Size, hashes, root, head.Hash); err != nil {
			return fmt.Errorf("from %d: %w", smaller, err)
		}
	}
	tracker, err := client.NewLogStateTracker(ctx, f.ReadTile, nil, v, origin, client.UnilateralConsensus(f.ReadCheckpoint))
	if err != nil {
		return err
	}
	if latest := tracker.Latest(); latest.Size != head.Size || !bytes.Equal(latest.Hash, head.Hash) {
		return errors.New("the log moved while it was read")
	}
	return nil
}
