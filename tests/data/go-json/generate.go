// Writes vectors.json: how Go's encoding/json reads texts into
// map[string]interface{}, which is what the operator does with the Secrets of
// a specification. Run it again with `go run generate.go > vectors.json`.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type vector struct {
	Text  string          `json:"text"` // Base64.
	Value json.RawMessage `json:"value,omitempty"`
	Error string          `json:"error,omitempty"`
}

func nested(open, close string, depth int) string {
	return strings.Repeat(open, depth) + "1" + strings.Repeat(close, depth)
}

func main() {
	texts := []string{
		``, ` `, `null`, `{}`, " \t\r\n{} \n", `{"a":1}`, `{"a":1} x`, `{"a":1}{}`,
		"\xef\xbb\xbf{}", "{}\xef\xbb\xbf", "\xfe\xff\x00{\x00}", "{\"a\":\"\xef\xbb\xbf\"}",
		"{\"a\":\"x\xff\"}", "{\"a\":\"\xc3\"}", "{\"a\":\"\xc3(\"}", "{\"a\":\"\xe2\x82\"}",
		"{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xf0\x9f\x98\"}", "{\"a\":\"\xf5\x80\x80\x80\"}",
		"{\"a\":\"\xc0\x80\"}", "{\"\xff\":1}", "{\"a\xff\":1,\"a\xfe\":2}", "{\xff:1}", "{\"a\":\xff}",
		"{\"a\":\"\xf0\x9f\x98\x80\"}", "{\"a\":\"\u2028\u2029\"}",
		`{"a":"\ud83d\ude00"}`, `{"a":"\uD83D\uDE00"}`, `{"a":"\ud800"}`, `{"a":"\udc00"}`,
		`{"a":"\ud800\ud800"}`, `{"a":"\ud800\ud83d\ude00"}`, `{"a":"\ude00\ud83d"}`,
		`{"a":"\ud800x"}`, `{"a":"\ud800\n"}`, `{"a":"\ud800\\ude00"}`, `{"a":"\\ud800"}`,
		`{"a":"\\\ud800"}`, `{"a":"\ud80"}`, `{"a":"\ud8zz"}`, `{"\ud800":1}`, `{"a":"\ud83d\u0041"}`,
		`{"\ud800":1,"\udfff":2}`, `{"a":"\u0000"}`, "{\"a\":\"\x00\"}", "{\"a\":\"\x1f\"}", "{\"a\":\"\x7f\"}",
		"{\"a\":\"\t\"}", `{"a":"\'"}`, `{"a":"\/"}`, `{"a":"\x41"}`, `{"a":"\u00e9"}`, `{'a':1}`, `{a:1}`,
		`{"a":1,}`, `{"a":[1,]}`, `{,}`, `{"a"}`, `{"a":}`, `[`, `{"a":1`, `{"a":"x`, `{"a":tru}`, `{"a":True}`,
		`{"a":NaN}`, `{"a":Infinity}`, `{"a":-}`, `{"a":+1}`, `{"a":01}`, `{"a":.5}`, `{"a":1.}`, `{"a":1e}`,
		`{"a":0x10}`, `{"a":1_000}`, `{"a":-0}`, `{"a":1.0}`, `{"a":1e2}`, `{"a":1E+2}`, `{"a":1e400}`, `{"a":-1e400}`,
		`{"a":1e-400}`, `{"a":9007199254740992}`, `{"a":9007199254740993}`, `{"a":-9007199254740993}`,
		`{"a":18446744073709551615}`, `{"a":18446744073709551617}`, `{"a":9223372036854775807}`,
		`{"a":123456789012345678901234567890}`, `{"a":0.1}`, `{"a":1e21}`, `{"a":1.7976931348623157e308}`,
		`{"a":1,"a":2}`, `{"a":{"b":1},"a":{"c":2}}`, `{"a":{"b":1},"a":3}`, `{"a":3,"a":{"b":1}}`,
		`{"a":[1,2],"a":[3]}`, `{"a":1,"a":null}`, `{"a":{"b":1,"b":2}}`, `{"a":1,"\u0061":2}`, `{"A":1,"a":2}`,
		`{"a":1}/* c */`, `// c` + "\n{}", "{}\x00", "\v{}", "\u00a0{}", `{"a":"` + "\u202e" + `"}`,
		`{"":1}`, `{"a":[]}`, `{"a":{}}`, `{"a":[null,true,false,"",0]}`,
		`{"a":` + nested("[", "]", 200) + `}`, `{"a":` + nested(`{"b":`, "}", 200) + `}`,
	}
	var out []vector
	for _, text := range texts {
		v := vector{Text: base64.StdEncoding.EncodeToString([]byte(text))}
		var value map[string]interface{}
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			v.Error = err.Error()
		} else {
			var buffer bytes.Buffer
			encoder := json.NewEncoder(&buffer)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(value); err != nil {
				panic(err)
			}
			v.Value = bytes.TrimSpace(buffer.Bytes())
		}
		out = append(out, v)
	}
	fmt.Println("[")
	for i, v := range out {
		line, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		comma := ","
		if i == len(out)-1 {
			comma = ""
		}
		fmt.Printf("%s%s\n", line, comma)
	}
	fmt.Println("]")
	for _, depth := range []int{9999, 10000, 10001} {
		var value interface{}
		err := json.Unmarshal([]byte(nested("[", "]", depth)), &value)
		fmt.Fprintln(os.Stderr, depth, err)
	}
}
