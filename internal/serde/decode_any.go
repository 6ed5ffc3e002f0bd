package serde

// any reads whatever comes next into the plain types of the data model.
func (d *decoder) any() (any, error) {
	switch d.r.Kind() {
	case Null:
		return nil, d.r.Null()
	case Bool:
		return d.boxBool()
	case Int:
		mag, neg, err := d.r.Int()
		if err != nil {
			return nil, err
		}
		if v, ok := signed(mag, neg, 64); ok {
			return v, nil
		}
		if neg {
			return nil, d.fail("an integer that does not fit int64")
		}
		return mag, nil
	case Float:
		v, err := d.r.Float(64)
		if err != nil {
			return nil, err
		}
		return v, nil
	case Text:
		b, err := d.r.Text()
		if err != nil {
			return nil, err
		}
		return d.texts.add(b), nil
	case Bytes:
		b, err := d.r.AppendBytes([]byte{})
		if err != nil {
			return nil, err
		}
		return b, nil
	case List:
		return d.anyList()
	case Map:
		return d.anyMap()
	}
	return nil, d.r.Mismatch("a value")
}

func (d *decoder) boxBool() (any, error) {
	v, err := d.r.Bool()
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (d *decoder) anyList() (any, error) {
	count, err := d.r.List()
	if err != nil {
		return nil, err
	}
	from := d.r.Start()
	list := make([]any, 0, d.reserve(count, 16))
	for i := 0; ; i++ {
		if count < 0 {
			if another, err := d.r.More(); err != nil {
				return nil, err
			} else if !another {
				break
			}
		} else if i == count {
			break
		}
		v, err := d.any()
		if err != nil {
			return nil, withinIndex(err, i)
		}
		if len(list) == cap(list) {
			grow(&list, d.more(len(list), count, from, 16))
		}
		list = append(list, v)
	}
	d.r.Leave()
	if tooLoose(len(list), cap(list)) {
		list = append(make([]any, 0, len(list)), list...)
	}
	return list, nil
}

func (d *decoder) anyMap() (any, error) {
	count, err := d.r.Map()
	if err != nil {
		return nil, err
	}
	m := make(map[string]any, d.reserve(count, 40))
	for {
		if count == 0 {
			break
		} else if count > 0 {
			count--
		} else if more, err := d.r.More(); err != nil {
			return nil, err
		} else if !more {
			break
		}
		b, err := d.r.Text()
		if err != nil {
			return nil, within(err, "{key}")
		}
		key := d.texts.add(b)
		if _, ok := m[key]; ok {
			return nil, d.fail("the key " + Snippet(key) + " comes twice")
		}
		if m[key], err = d.any(); err != nil {
			return nil, within(err, "["+Snippet(key)+"]")
		}
	}
	d.r.Leave()
	return m, nil
}
