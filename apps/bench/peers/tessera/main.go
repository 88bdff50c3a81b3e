// Command tessera appends to a log by Tessera's POSIX driver, and says how long each batch took.
//
//	tessera FOLDER BATCH ENTRY_BYTES
//
// For each line "COUNT" on stdin it adds COUNT batches, one after the other; a batch is done when
// all its futures are: the entries are then on the disk and integrated. It answers with one line of
// JSON: the nanoseconds of each batch, and the peak memory of the process in KiB. For the line
// "root" it waits for a checkpoint over all entries and answers with its size and root.
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

type answer struct {
	Nanoseconds []int64 `json:"nanoseconds,omitempty"`
	PeakKiB     int64   `json:"peakKiB,omitempty"`
	Size        string  `json:"size,omitempty"`
	Root        string  `json:"root,omitempty"`
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func main() {
	ctx := context.Background()
	folder := os.Args[1]
	batch := must(strconv.Atoi(os.Args[2]))
	length := must(strconv.Atoi(os.Args[3]))

	secret, _, err := note.GenerateKey(rand.Reader, "example.com/benchmark")
	must(0, err)
	signer := must(note.NewSigner(secret))
	driver := must(posix.New(ctx, posix.Config{Path: folder}))
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		// A batch is flushed when it is full, which each of ours is: the age never matters.
		WithBatching(uint(batch), time.Second).
		WithCheckpointInterval(100 * time.Millisecond)
	appender, _, reader, err := tessera.NewAppender(ctx, driver, options)
	must(0, err)

	var added uint64
	// The entry of an index, which whoever compares the root can make too.
	entry := func(index uint64) *tessera.Entry {
		bytes := make([]byte, length)
		binary.BigEndian.PutUint64(bytes, index)
		return tessera.NewEntry(bytes)
	}
	output := json.NewEncoder(os.Stdout)
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		if input.Text() == "root" {
			lines := []string{"", "0", ""}
			for lines[1] != strconv.FormatUint(added, 10) {
				time.Sleep(10 * time.Millisecond)
				checkpoint, err := reader.ReadCheckpoint(ctx)
				if err == nil {
					lines = strings.Split(string(checkpoint), "\n")
				}
			}
			must(0, output.Encode(answer{Size: lines[1], Root: lines[2]}))
			continue
		}
		count := must(strconv.Atoi(input.Text()))
		var result answer
		for range count {
			entries := make([]*tessera.Entry, batch)
			for i := range entries {
				entries[i] = entry(added)
				added++
			}
			begin := time.Now()
			futures := make([]tessera.IndexFuture, batch)
			for i, each := range entries {
				futures[i] = appender.Add(ctx, each)
			}
			for _, future := range futures {
				must(future())
			}
			result.Nanoseconds = append(result.Nanoseconds, time.Since(begin).Nanoseconds())
		}
		var usage syscall.Rusage
		must(0, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
		result.PeakKiB = usage.Maxrss
		must(0, output.Encode(result))
	}
}
