package api

import (
	"context"

	"github.com/fieldreel/fieldreel/app/people"
)

// page is a list with the cursor of the next page.
type page[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor,omitempty" doc:"Send it as cursor for the next page; absent on the last."`
}

// Paging is what every list understands.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"100" doc:"next_cursor of the page before."`
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

// pageOf cuts a list that was asked for with one more than the limit.
func pageOf[T, D any](items []T, limit int, cursor func(T) string, dto func(T) D) page[D] {
	out := page[D]{Items: make([]D, 0, min(len(items), limit))}
	if len(items) > limit {
		items = items[:limit]
		out.NextCursor = cursor(items[limit-1])
	}
	for _, it := range items {
		out.Items = append(out.Items, dto(it))
	}
	return out
}

// one answers with the only one of a list.
func one[T, D any](ctx context.Context, a people.Actor, of func(context.Context, people.Actor, []T) ([]D, error), item T, err error) (*body[D], error) {
	if err != nil {
		return nil, err
	}
	out, err := of(ctx, a, []T{item})
	if err != nil {
		return nil, err
	}
	return answer(out[0]), nil
}

// some answers with a page of a list that was asked for with one more than the limit.
func some[T, D any](ctx context.Context, a people.Actor, of func(context.Context, people.Actor, []T) ([]D, error), limit int, id func(D) string, items []T, err error) (*body[page[D]], error) {
	if err != nil {
		return nil, err
	}
	out, err := of(ctx, a, items)
	if err != nil {
		return nil, err
	}
	return answer(pageOf(out, limit, id, func(d D) D { return d })), nil
}

// OfWhom narrows a list to a person and a programme.
type OfWhom struct {
	Person    string `query:"person" maxLength:"36" doc:"An id, or me."`
	Programme string `query:"programme" maxLength:"36"`
}

// person is the id that is meant, empty for none.
func (o OfWhom) person(a people.Actor) string {
	if o.Person == "me" {
		return a.PersonID
	}
	return o.Person
}

// known gives those of some ids that are there.
func known(ids ...*string) []string {
	var out []string
	for _, id := range ids {
		if id != nil {
			out = append(out, *id)
		}
	}
	return out
}
