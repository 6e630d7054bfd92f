package main

import (
	"errors"
	"maps"
	"reflect"
)

var (
	errTypes = errors.New("type not match")
	// errNull stands for the nil dereference that ends a reconcile of the operator: its controller
	// runtime catches the panic and reports it like any other error.
	errNull = errors.New("panic: runtime error: invalid memory address or nil pointer dereference [recovered]")
)

// mergeLayers folds the values of all layers, strongest first. A layer without values doesn't count.
func mergeLayers(layers []map[string]any) (map[string]any, error) {
	var merged map[string]any
	for _, layer := range layers {
		if layer == nil {
			continue
		}
		if merged == nil {
			merged = layer
			continue
		}
		next, err := merge(merged, layer)
		if err != nil {
			return nil, err
		}
		merged = next.(map[string]any)
	}
	return merged, nil
}

// merge lays high over low, both as decoded from JSON. Maps merge key by key, lists are
// concatenated, of two scalars the high one wins; two different kinds can't be merged.
func merge(high, low any) (any, error) {
	if high == nil || low == nil {
		return nil, errNull
	}
	if reflect.TypeOf(high) != reflect.TypeOf(low) {
		return nil, errTypes
	}
	switch h := high.(type) {
	case map[string]any:
		merged := maps.Clone(h)
		for key, below := range low.(map[string]any) {
			above, both := h[key]
			if !both {
				merged[key] = below
				continue
			}
			value, err := merge(above, below)
			if err != nil {
				return nil, err
			}
			merged[key] = value
		}
		return merged, nil
	case []any:
		return append(append([]any{}, h...), low.([]any)...), nil
	default:
		return high, nil
	}
}
