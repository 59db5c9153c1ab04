// encoding/json of each line (hex): the value in one spelling for all languages, or x; then method and name as the
// usual struct has them, whose members match in any case.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"sort"
	"strconv"
	"strings"
)

type call struct {
	Method string `json:"method"`
	Params struct {
		Name string `json:"name"`
	} `json:"params"`
}

func show(v any) string {
	switch w := v.(type) {
	case nil:
		return "n"
	case bool:
		if w {
			return "t"
		}
		return "f"
	case json.Number:
		d, _ := strconv.ParseFloat(string(w), 64)
		if d == 0 {
			d = 0
		}
		b := make([]byte, 8)
		binary.BigEndian.PutUint64(b, math.Float64bits(math.Abs(d)))
		if d < 0 {
			binary.BigEndian.PutUint64(b, math.Float64bits(d))
		}
		return "#" + hex.EncodeToString(b)
	case string:
		return "\"" + hex.EncodeToString([]byte(w))
	case []any:
		parts := make([]string, 0, len(w))
		for _, item := range w {
			parts = append(parts, show(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		parts := make([]string, 0, len(w))
		for k, item := range w {
			parts = append(parts, show(k)+":"+show(item))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ",") + "}"
	}
	return "?"
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		body, _ := hex.DecodeString(in.Text())
		decoder := json.NewDecoder(strings.NewReader(string(body)))
		decoder.UseNumber()
		var v any
		if decoder.Decode(&v) != nil || decoder.More() {
			fmt.Fprintln(out, "x")
			continue
		}
		var c call
		said := "x"
		if json.Unmarshal(body, &c) == nil {
			said = hex.EncodeToString([]byte(c.Method)) + "/" + hex.EncodeToString([]byte(c.Params.Name))
		}
		fmt.Fprintln(out, show(v)+" "+said)
	}
}
