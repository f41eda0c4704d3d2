// Package interop reads the vectors of the log with the Go checksum database's
// own packages: an implementation of RFC 6962 and of signed notes by others.
package interop

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type vector struct {
	Kind, Expect, Leaf, Root, Note string
	OldRoot                        string `json:"old_root"`
	NewRoot                        string `json:"new_root"`
	Index, Size, Old, New          int64
	Proof, Keys                    []string
}

func load(t *testing.T, name string) []vector {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "vectors", "log", name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) == 0 {
		t.Fatal("no vectors")
	}
	return file.Vectors
}

func fromHex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func hash(t *testing.T, text string) tlog.Hash {
	t.Helper()
	return tlog.Hash(fromHex(t, text))
}

func hashes(t *testing.T, texts []string) []tlog.Hash {
	t.Helper()
	list := make([]tlog.Hash, len(texts))
	for i, text := range texts {
		list[i] = hash(t, text)
	}
	return list
}

func TestTree(t *testing.T) {
	for _, v := range load(t, "tree.json") {
		var err error
		switch v.Kind {
		case "inclusion":
			leaf := tlog.RecordHash(fromHex(t, v.Leaf))
			err = tlog.CheckRecord(hashes(t, v.Proof), v.Size, hash(t, v.Root), v.Index, leaf)
		case "consistency":
			err = tlog.CheckTree(hashes(t, v.Proof), v.New, hash(t, v.NewRoot), v.Old, hash(t, v.OldRoot))
		default:
			t.Fatalf("unknown kind %q", v.Kind)
		}
		if holds := !strings.HasPrefix(v.Expect, "not-"); holds != (err == nil) {
			t.Errorf("%s %d/%d: expected %s, got %v", v.Kind, v.Index, v.Old, v.Expect, err)
		}
	}
}

func TestCheckpoint(t *testing.T) {
	for _, v := range load(t, "checkpoint.json") {
		var verifiers []note.Verifier
		for _, key := range v.Keys {
			verifier, err := note.NewVerifier(key)
			if err != nil {
				t.Fatal(err)
			}
			verifiers = append(verifiers, verifier)
		}
		opened, err := note.Open([]byte(v.Note), note.VerifierList(verifiers...))
		if (v.Expect == "signed") != (err == nil) {
			t.Errorf("expected %s, got %v", v.Expect, err)
		}
		if err != nil {
			continue
		}
		lines := strings.Split(opened.Text, "\n")
		root, err := base64.StdEncoding.DecodeString(lines[2])
		if err != nil || hex.EncodeToString(root) != v.Root {
			t.Errorf("root %x, expected %s", root, v.Root)
		}
	}
}
