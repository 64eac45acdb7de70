package main

import (
	"encoding/json"
	"fmt"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// configured makes what Packer hands to Prepare: the names of the build as texts and the options with the types of the
// specification, or, in plain form, the map of a JSON template and values with their own types.
func configured(spec hcldec.ObjectSpec, form string, config map[string]interface{}, isDatasource bool) ([]interface{}, error) {
	if form == "plain" {
		return []interface{}{config, map[string]interface{}{
			"packer_build_name": "one", "packer_builder_type": "host", "packer_core_version": "1.16.0", "packer_debug": false,
			"packer_force": true, "packer_on_error": "cleanup", "packer_template_path": "t.json",
			"packer_user_variables": map[string]string{"who": "a user"}, "packer_sensitive_variables": []string{"token"},
		}}, nil
	}
	value, err := typed(spec, config)
	if err != nil {
		return nil, err
	}
	if isDatasource {
		return []interface{}{value}, nil
	}
	return []interface{}{map[string]interface{}{
		"packer_build_name": "one", "packer_builder_type": "host", "packer_core_version": "1.16.0", "packer_debug": "false",
		"packer_force": "true", "packer_on_error": "cleanup", "packer_sensitive_variables": []string{"token"},
	}, value}, nil
}

// typed gives the options the types of the specification. What is not set is null, as it is when HCL is decoded.
func typed(spec hcldec.ObjectSpec, config map[string]interface{}) (cty.Value, error) {
	values := map[string]cty.Value{}
	for key, one := range spec {
		switch option := one.(type) {
		case *hcldec.AttrSpec:
			given, isGiven := config[option.Name]
			if !isGiven {
				values[key] = cty.NullVal(option.Type)
				continue
			}
			value, err := attribute(given, option.Type)
			if err != nil {
				return cty.NilVal, fmt.Errorf("%s: %w", option.Name, err)
			}
			values[key] = value
		case *hcldec.BlockListSpec:
			value, err := blocks(option.Nested, config[option.TypeName])
			if err != nil {
				return cty.NilVal, fmt.Errorf("%s: %w", option.TypeName, err)
			}
			values[key] = value
		default:
			return cty.NilVal, fmt.Errorf("%s: an unexpected kind of option %T", key, one)
		}
	}
	for name := range config {
		if _, isKnown := spec[name]; !isKnown {
			return cty.NilVal, fmt.Errorf("no option is called %s", name)
		}
	}
	return cty.ObjectVal(values), nil
}

func attribute(given interface{}, kind cty.Type) (cty.Value, error) {
	text, err := json.Marshal(given)
	if err != nil {
		return cty.NilVal, err
	}
	implied, err := ctyjson.ImpliedType(text)
	if err != nil {
		return cty.NilVal, err
	}
	value, err := ctyjson.Unmarshal(text, implied)
	if err != nil {
		return cty.NilVal, err
	}
	return convert.Convert(value, kind)
}

func blocks(nested hcldec.Spec, given interface{}) (cty.Value, error) {
	spec, ok := nested.(hcldec.ObjectSpec)
	if !ok {
		if pointer, isPointer := nested.(*hcldec.ObjectSpec); isPointer {
			spec = *pointer
		} else {
			return cty.NilVal, fmt.Errorf("a nested body is %T", nested)
		}
	}
	list, _ := given.([]interface{})
	if len(list) == 0 {
		return cty.ListValEmpty(hcldec.ImpliedType(nested)), nil
	}
	values := make([]cty.Value, 0, len(list))
	for _, one := range list {
		body, _ := one.(map[string]interface{})
		value, err := typed(spec, body)
		if err != nil {
			return cty.NilVal, err
		}
		values = append(values, value)
	}
	return cty.ListVal(values), nil
}

// text prints a value of any type as JSON.
func text(value cty.Value) string {
	encoded, err := ctyjson.Marshal(value, value.Type())
	if err != nil {
		return err.Error()
	}
	return string(encoded)
}
