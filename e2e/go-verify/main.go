// Command go-verify checks a log of Writ with code that Writ's authors did not write: the transparency log and note
// packages behind Go's checksum database. It knows nothing of records; it checks that every entry is in the tree that
// the log signed, and inclusion and consistency proofs for random pairs.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	full   = 1 << height
)

func main() {
	log.SetFlags(0)
	dir := flag.String("dir", "", "folder of the log")
	key := flag.String("key", "", "verifier key of the log")
	witness := flag.String("witness", "", "verifier key of a witness that must have cosigned (optional)")
	old := flag.String("old", "", "file with an older checkpoint of the log (optional)")
	pairs := flag.Int("pairs", 200, "how many random proofs of each kind")
	from := flag.Int64("from", 0, "index of the first entry that must be there: older ones were moved away by age")
	seed := flag.Int64("seed", 1, "where the random pairs begin")
	flag.Parse()
	if err := run(*dir, *key, *witness, *old, *from, *pairs, rand.New(rand.NewSource(*seed))); err != nil {
		log.Fatalf("not verified: %v", err)
	}
}

func run(dir, key, witness, old string, from int64, pairs int, random *rand.Rand) error {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	tree, err := checkpoint(filepath.Join(dir, "checkpoint"), verifier)
	if err != nil {
		return err
	}
	hashes := tlog.TileHashReader(tree, tiles(dir))
	if err := entries(dir, tree, hashes, from); err != nil {
		return err
	}
	if err := proofs(tree, hashes, pairs, random); err != nil {
		return err
	}
	if old != "" {
		before, err := checkpoint(old, verifier)
		if err != nil {
			return fmt.Errorf("older checkpoint: %w", err)
		}
		proof, err := tlog.ProveTree(tree.N, before.N, hashes)
		if err != nil {
			return fmt.Errorf("older checkpoint: %w", err)
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, before.N, before.Hash); err != nil {
			return fmt.Errorf("older checkpoint: %w", err)
		}
	}
	if witness != "" {
		cosigner, err := newCosigner(witness)
		if err != nil {
			return fmt.Errorf("witness key: %w", err)
		}
		if _, err := checkpoint(filepath.Join(dir, "checkpoint.witnessed"), cosigner); err != nil {
			return fmt.Errorf("witness: %w", err)
		}
	}
	if first := min(from/full*full, tree.N); first > 0 {
		fmt.Printf("not seen: entries 0 to %d, whose hashes alone are in the tree\n", first-1)
	}
	fmt.Printf("verified %d entries, root %v, %d proofs of each kind\n", tree.N, tree.Hash, pairs)
	return nil
}

// checkpoint reads a tlog-checkpoint that verifier signed.
func checkpoint(file string, verifier note.Verifier) (tlog.Tree, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, errors.New("not the three lines of a checkpoint")
	}
	if _, ok := verifier.(*cosigner); !ok && lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("origin %q is not the key's name", lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return tlog.Tree{}, fmt.Errorf("size %q", lines[1])
	}
	hash, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: hash}, err
}

// tiles reads hash tiles where C2SP tlog-tiles puts them. The tlog package checks them against the tree.
type tiles string

func (tiles) Height() int                     { return height }
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (dir tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := read(string(dir), strconv.Itoa(tile.L), tile.N, tile.W)
		if err != nil {
			return nil, err
		}
		if len(data) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("tile %v has %d bytes", tile, len(data))
		}
		all = append(all, data[:tile.W*tlog.HashSize])
	}
	return all, nil
}

// read reads a tile or bundle, or the full one in its place when the partial one is gone.
func read(dir, level string, n int64, width int) ([]byte, error) {
	name := fmt.Sprintf("%03d", n%1000)
	for rest := n / 1000; rest > 0; rest /= 1000 {
		name = fmt.Sprintf("x%03d/%s", rest%1000, name)
	}
	file := filepath.Join(dir, "tile", level, filepath.FromSlash(name))
	if width == full {
		return os.ReadFile(file)
	}
	data, err := os.ReadFile(filepath.Join(file+".p", strconv.Itoa(width)))
	if errors.Is(err, fs.ErrNotExist) {
		return os.ReadFile(file)
	}
	return data, err
}

// entries checks each entry, from the bundle of index from on, against the hash that the tree has for it.
func entries(dir string, tree tlog.Tree, hashes tlog.HashReader, from int64) error {
	if from < 0 {
		return fmt.Errorf("-from is an index, 0 or more")
	}
	for first := from / full * full; first < tree.N; first += full {
		width := int(min(full, tree.N-first))
		data, err := read(dir, "entries", first/full, width)
		if err != nil {
			return err
		}
		var indexes []int64
		for i := 0; i < width; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(i)))
		}
		want, err := hashes.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i := 0; i < width; i++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return fmt.Errorf("entry %d is cut off", first+int64(i))
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			if tlog.RecordHash(data[2:end]) != want[i] {
				return fmt.Errorf("entry %d is not the one in the tree", first+int64(i))
			}
			data = data[end:]
		}
	}
	return nil
}

// proofs makes and checks inclusion and consistency proofs for random pairs of entry and tree, and tree and tree.
func proofs(tree tlog.Tree, hashes tlog.HashReader, pairs int, random *rand.Rand) error {
	for i := 0; i < pairs && tree.N > 0; i++ {
		size := 1 + random.Int63n(tree.N)
		root, err := tlog.TreeHash(size, hashes)
		if err != nil {
			return err
		}
		index := random.Int63n(size)
		leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return err
		}
		inclusion, err := tlog.ProveRecord(size, index, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(inclusion, size, root, index, leaf[0]); err != nil {
			return fmt.Errorf("entry %d in the tree of %d: %w", index, size, err)
		}
		consistency, err := tlog.ProveTree(tree.N, size, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(consistency, tree.N, tree.Hash, size, root); err != nil {
			return fmt.Errorf("trees of %d and %d: %w", size, tree.N, err)
		}
	}
	return nil
}

// cosigner verifies C2SP tlog-cosignature/v1, which the note package has no verifier for.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not <name>+<id>+<key>")
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return nil, errors.New("not a witness's Ed25519 key")
	}
	return &cosigner{parts[0], uint32(hash), key[1:]}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	var message bytes.Buffer
	fmt.Fprintf(&message, "cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(c.key, message.Bytes(), sig[8:])
}
