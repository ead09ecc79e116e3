package api

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/rubric/score"
	"github.com/fieldreel/fieldreel/media"
)

// reviewedAttemptDTO is an attempt as its reviewers see it: without what others said of it.
type reviewedAttemptDTO struct {
	ID          string      `json:"id"`
	Number      int         `json:"number"`
	Person      authorDTO   `json:"person"`
	Programme   authorDTO   `json:"programme"`
	Video       *videoDTO   `json:"video,omitempty" doc:"Absent where one may not see it: until one has taken the review."`
	DurationMS  int64       `json:"duration_ms" doc:"The take's length; 0 while it is not known."`
	SubmittedAt time.Time   `json:"submitted_at"`
	SwapUntil   time.Time   `json:"swap_until" doc:"Until then its author may exchange the take, which takes back what a draft says of it."`
	Note        *ownNoteDTO `json:"note,omitempty" doc:"The participant's own."`
}

// ReviewItem is a review in a list.
type ReviewItem struct {
	ID           string             `json:"id"`
	Attempt      reviewedAttemptDTO `json:"attempt"`
	Role         string             `json:"role" enum:"first,second,third,dispute,again" doc:"Why it is made: second without knowing of the first, third where those two disagree, dispute while the result is disputed, again under a newer rubric, which changes no result."`
	State        string             `json:"state" enum:"waiting,sent,dropped"`
	Reviewer     *authorDTO         `json:"reviewer,omitempty" doc:"Absent while it waits in a pool, or nobody could be found."`
	DeputyFor    *authorDTO         `json:"deputy_for,omitempty" doc:"Whose deputy one is, or would be, with this review."`
	Claimable    bool               `json:"claimable" doc:"One may take it."`
	DueAt        *time.Time         `json:"due_at,omitempty"`
	WaitingSince time.Time          `json:"waiting_since"`
	Overdue      bool               `json:"overdue"`
	Minutes      int                `json:"minutes" doc:"Twice the take's length, at least one."`
	OnlyCriteria []string           `json:"only_criteria" doc:"Those that are looked at; empty for all."`
	HasDraft     bool               `json:"has_draft" doc:"Of one's own."`
	SentAt       *time.Time         `json:"sent_at,omitempty"`
	Decision     string             `json:"decision,omitempty" enum:"pass,retry,fail" doc:"Once sent, for whom it is shown to."`
	Score        *float64           `json:"score,omitempty" doc:"Percent, with one decimal."`
}

type passRuleDTO struct {
	Kind    string `json:"kind" enum:"total,each"`
	Percent int    `json:"percent"`
	Level   int    `json:"level"`
}

type criterionLevelDTO struct {
	CriterionID string `json:"criterion_id"`
	Level       int    `json:"level"`
}

// DraftNote is a note of a draft.
type DraftNote struct {
	ID           string `json:"id" format:"uuid" doc:"The writer's own."`
	AtMS         int64  `json:"at_ms" minimum:"0"`
	Kind         string `json:"kind" enum:"good,work,question,note"`
	Text         string `json:"text" maxLength:"2000"`
	Voice        bool   `json:"voice" doc:"A recording belongs to it: PUT it to voice/{note_id}, before or after."`
	ReplyVideoID string `json:"reply_video_id,omitempty" format:"uuid" doc:"A video of one's own, recorded with kind=reply and for=<this review>."`
}

type draftDTO struct {
	Version       int            `json:"version"`
	Levels        map[string]int `json:"levels" doc:"By criterion, each from 1."`
	Notes         []DraftNote    `json:"notes"`
	Decision      string         `json:"decision,omitempty" enum:"pass,retry,fail"`
	RetryCriteria []string       `json:"retry_criteria"`
	Message       string         `json:"message"`
	SavedAt       *time.Time     `json:"saved_at,omitempty"`
}

type reviewMayDTO struct {
	Send     bool `json:"send" doc:"Also: keep drafts and spoken notes."`
	Claim    bool `json:"claim"`
	Release  bool `json:"release"`
	Reassign bool `json:"reassign"`
}

type reviewFullDTO struct {
	ReviewItem
	Rubric   rubricVersionDTO    `json:"rubric"`
	Pass     passRuleDTO         `json:"pass"`
	Carried  []criterionLevelDTO `json:"carried" doc:"Levels that stand from the attempt before."`
	Facts    *factsDTO           `json:"facts,omitempty" doc:"Countable facts of the take; absent for whom it is not shown to."`
	Draft    draftDTO            `json:"draft" doc:"What one has written so far, and once it is sent what was; empty for whom it is not shown to."`
	TargetMS int64               `json:"target_ms"`
	Previous *resultDTO          `json:"previous,omitempty" doc:"The result of the attempt before."`
	May      reviewMayDTO        `json:"may"`
}

type reviewSummaryDTO struct {
	Count           int     `json:"count"`
	Minutes         int     `json:"minutes" doc:"Twice the lengths of the takes, at least one each."`
	DueToday        int     `json:"due_today" doc:"Until the end of one's own day, and not overdue."`
	Overdue         int     `json:"overdue"`
	OldestWaitHours float64 `json:"oldest_wait_hours" doc:"With one decimal."`
}

type reviewsAnswer struct {
	Items      []ReviewItem     `json:"items"`
	NextCursor string           `json:"next_cursor,omitempty" doc:"Send it as cursor for the next page; absent on the last."`
	Summary    reviewSummaryDTO `json:"summary" doc:"Of the whole box, on all pages; zero for done."`
}

func summaryOf(s review.Summary, now time.Time) reviewSummaryDTO {
	d := reviewSummaryDTO{Count: s.Count, Minutes: s.Minutes, DueToday: s.DueToday, Overdue: s.Overdue}
	if s.Oldest != nil {
		d.OldestWaitHours = math.Floor(now.Sub(*s.Oldest).Hours()*10) / 10
	}
	return d
}

// reviewItems shows reviews in a list.
func (s *Server) reviewItems(ctx context.Context, a people.Actor, items []review.Item) ([]ReviewItem, error) {
	var videos, persons []string
	for _, it := range items {
		persons = append(persons, it.Attempt.PersonID, it.DeputyFor)
		if it.Attempt.VideoID != nil {
			videos = append(videos, *it.Attempt.VideoID)
		}
		if it.ReviewerID != nil {
			persons = append(persons, *it.ReviewerID)
		}
	}
	found, names, err := s.videosOn(ctx, a, videos, persons)
	if err != nil {
		return nil, err
	}
	out := make([]ReviewItem, len(items))
	for i, it := range items {
		out[i] = reviewItemOf(a, it, found, names)
	}
	return out, nil
}

func reviewItemOf(a people.Actor, it review.Item, videos map[string]*videoDTO, names map[string]string) ReviewItem {
	t := it.Attempt
	d := ReviewItem{ID: it.ID, Role: string(it.Role), State: string(it.State), Reviewer: personRef(it.ReviewerID, names), Claimable: it.Claimable,
		DueAt: it.DueAt, WaitingSince: it.CreatedAt, Overdue: it.Overdue, Minutes: it.Minutes(), OnlyCriteria: list(t.OnlyCriteria), SentAt: it.SentAt,
		Attempt: reviewedAttemptDTO{ID: t.ID, Number: t.Number, Person: authorDTO{t.PersonID, names[t.PersonID]}, Programme: authorDTO{it.ProgrammeID, it.Programme},
			DurationMS: it.DurationMS, SubmittedAt: t.SubmittedAt, SwapUntil: t.SwapUntil}}
	if it.Role == review.Again {
		d.OnlyCriteria = []string{}
	}
	if it.DeputyFor != "" {
		d.DeputyFor = &authorDTO{it.DeputyFor, names[it.DeputyFor]}
	}
	if t.VideoID != nil {
		d.Attempt.Video = videos[*t.VideoID]
	}
	if t.Note != "" {
		d.Attempt.Note = &ownNoteDTO{t.NoteAtMS, t.Note}
	}
	if it.By(a.PersonID) {
		d.HasDraft = it.State == review.Waiting && !it.Draft.Empty()
		d.Decision, d.Score = string(it.Decision), percentOf(it.Score)
	}
	return d
}

// percentOf shows a score.
func percentOf(hundredths *int) *float64 {
	if hundredths == nil {
		return nil
	}
	p := score.Percent(*hundredths)
	return &p
}

func draftOf(r review.Review) draftDTO {
	d := draftDTO{Version: r.DraftVersion, Levels: map[string]int{}, Notes: make([]DraftNote, len(r.Draft.Notes)), Decision: string(r.Draft.Decision),
		RetryCriteria: list(r.Draft.RetryCriteria), Message: r.Draft.Message, SavedAt: r.DraftAt}
	for id, level := range r.Draft.Levels {
		d.Levels[id] = level
	}
	for i, n := range r.Draft.Notes {
		d.Notes[i] = DraftNote{n.ID, n.AtMS, string(n.Kind), n.Text, n.Voice, n.ReplyVideoID}
	}
	return d
}

func (s *Server) reviewFull(ctx context.Context, a people.Actor, f review.Full) (*body[reviewFullDTO], error) {
	items, err := s.reviewItems(ctx, a, []review.Item{f.Item})
	if err != nil {
		return nil, err
	}
	can := func(action review.Action) bool { return review.Can(a, action, f.Case) }
	d := reviewFullDTO{ReviewItem: items[0], Rubric: rubricVersionOf(f.Version, nil, nil), Pass: passRuleDTO{string(f.Setup.Pass.Kind), f.Setup.Pass.Percent, f.Setup.Pass.Level},
		Carried: []criterionLevelDTO{}, TargetMS: f.Setup.TargetMS, Draft: draftOf(review.Review{}),
		May: reviewMayDTO{can(review.Write), can(review.Claim), can(review.Release), can(review.Reassign)}}
	for _, c := range f.Version.Criteria {
		if level, ok := f.Carried[c.ID]; ok {
			d.Carried = append(d.Carried, criterionLevelDTO{c.ID, level})
		}
	}
	if can(review.Write) || can(review.Read) {
		facts, err := s.Programmes.FactsOf(ctx, f.Attempt)
		if err != nil {
			return nil, err
		}
		shown := factsOf(facts)
		d.Facts, d.Draft = &shown, draftOf(f.Review)
		d.Decision, d.Score = string(f.Decision), percentOf(f.Score)
	}
	if f.Before.ID != "" {
		if d.Previous, err = s.previousOf(ctx, a, f); err != nil {
			return nil, err
		}
	}
	return answer(d), nil
}

// ReviewContent is what a draft and a review to be sent have in common.
type ReviewContent struct {
	Levels        map[string]int `json:"levels,omitempty" doc:"By criterion, each from 1."`
	Notes         []DraftNote    `json:"notes,omitempty" maxItems:"100"`
	Decision      string         `json:"decision,omitempty" enum:"pass,retry,fail"`
	RetryCriteria []string       `json:"retry_criteria,omitempty" maxItems:"20" doc:"What the next attempt is looked at for; with retry at least one."`
	Message       string         `json:"message,omitempty" maxLength:"4000"`
}

func (c ReviewContent) content() review.Content {
	out := review.Content{Levels: c.Levels, Decision: programme.Decision(c.Decision), RetryCriteria: c.RetryCriteria, Message: c.Message}
	for _, n := range c.Notes {
		out.Notes = append(out.Notes, review.Note{ID: n.ID, AtMS: n.AtMS, Kind: review.NoteKind(n.Kind), Text: n.Text, Voice: n.Voice, ReplyVideoID: n.ReplyVideoID})
	}
	return out
}

// draftConflict puts the other draft into the context of a conflict between two.
func draftConflict(err error) error {
	var changed *review.ChangedError
	var f *fault.Error
	if !errors.As(err, &changed) || !errors.As(err, &f) {
		return err
	}
	with := *f
	with.Extra = map[string]any{"draft": draftOf(changed.Kept)}
	return &with
}

type draftKeptDTO struct {
	Version int        `json:"version"`
	SavedAt *time.Time `json:"saved_at,omitempty"`
}

type reviewSentDTO struct {
	Review ReviewItem  `json:"review"`
	Next   *ReviewItem `json:"next,omitempty" doc:"What waits for one next; absent where nothing does."`
	Left   int         `json:"left" doc:"How many wait for one."`
}

func (s *Server) reviewRoutes() {
	type listReviewsRequest struct {
		Paging
		Box string `query:"box" enum:"mine,pool,team,done" default:"mine" doc:"mine: assigned to one, offered to one, or to somebody one stands in for today. pool: to be taken. team: whatever waits by people one looks after. done: what one has sent."`
	}
	route(s, op{method: "GET", path: "/api/v1/reviews", tag: "reviews", summary: "What waits to be reviewed, by due time and then by how long it has waited"},
		func(ctx context.Context, a people.Actor, in *listReviewsRequest) (*body[reviewsAnswer], error) {
			items, sum, err := s.Reviews.List(ctx, a, review.Filter{Box: review.Box(in.Box), After: in.Cursor, Limit: in.Limit + 1})
			if err != nil {
				return nil, err
			}
			dtos, err := s.reviewItems(ctx, a, items)
			if err != nil {
				return nil, err
			}
			p := pageOf(dtos, in.Limit, func(d ReviewItem) string { return d.ID }, func(d ReviewItem) ReviewItem { return d })
			return answer(reviewsAnswer{p.Items, p.NextCursor, summaryOf(sum, s.Now())}), nil
		})
	route(s, op{method: "GET", path: "/api/v1/reviews/{id}", tag: "reviews", summary: "A review with all that its reviewer needs"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[reviewFullDTO], error) {
			f, err := s.Reviews.Get(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return s.reviewFull(ctx, a, f)
		})
	s.reviewWriteRoutes()
	s.reviewGiveRoutes()
	s.reviewVoiceRoutes()
	s.deputyRoutes()
}

func (s *Server) reviewWriteRoutes() {
	type keepDraftRequest struct {
		IDPath
		Body struct {
			BaseVersion int `json:"base_version" minimum:"0" doc:"The version that this draft was made from."`
			ReviewContent
		}
	}
	route(s, op{method: "PUT", path: "/api/v1/reviews/{id}/draft", tag: "reviews", summary: "Keep a draft; the same one again is kept once", maxBody: 1 << 20,
		codes: "draft_changed (with the other draft in its context), review_sent, criterion_unknown, criterion_carried, level_unknown, time_outside, id_twice"},
		func(ctx context.Context, a people.Actor, in *keepDraftRequest) (*body[draftKeptDTO], error) {
			r, err := s.Reviews.Keep(ctx, a, in.ID, in.Body.BaseVersion, in.Body.content())
			if err != nil {
				return nil, draftConflict(err)
			}
			return answer(draftKeptDTO{r.DraftVersion, r.DraftAt}), nil
		})
	type sendReviewRequest struct {
		IDPath
		Body struct {
			BaseVersion *int `json:"base_version,omitempty" minimum:"0" doc:"The version of the draft that one has seen; left out, what is sent holds whatever the draft says."`
			ReviewContent
		}
	}
	route(s, op{method: "POST", path: "/api/v1/reviews/{id}/send", tag: "reviews", summary: "Send a review: the participant has their result, and one's next review is named", maxBody: 1 << 20,
		codes: "levels_missing (with the criteria in its context), decision_missing, pass_rule (with what is missing in its context), retry_nothing, note_empty, voice_missing, reply_unfit, review_sent, draft_changed"},
		func(ctx context.Context, a people.Actor, in *sendReviewRequest) (*body[reviewSentDTO], error) {
			r, err := s.Reviews.Send(ctx, a, in.ID, in.Body.BaseVersion, in.Body.content())
			if err != nil {
				return nil, draftConflict(err)
			}
			return s.sentAnswer(ctx, a, r)
		})
}

// sentAnswer shows a review that was sent, and what waits next.
func (s *Server) sentAnswer(ctx context.Context, a people.Actor, r review.Review) (*body[reviewSentDTO], error) {
	f, err := s.Reviews.Get(ctx, a, r.ID)
	if err != nil {
		return nil, err
	}
	waiting, sum, err := s.Reviews.List(ctx, a, review.Filter{Box: review.Mine, Limit: 1})
	if err != nil {
		return nil, err
	}
	items, err := s.reviewItems(ctx, a, append([]review.Item{f.Item}, waiting...))
	if err != nil {
		return nil, err
	}
	d := reviewSentDTO{Review: items[0], Left: sum.Count}
	if len(items) > 1 {
		d.Next = &items[1]
	}
	return answer(d), nil
}

func (s *Server) reviewGiveRoutes() {
	give := func(ctx context.Context, a people.Actor, r review.Review, err error) (*body[ReviewItem], error) {
		if err != nil {
			return nil, err
		}
		item, err := s.Reviews.Item(ctx, a, r)
		if err != nil {
			return nil, err
		}
		items, err := s.reviewItems(ctx, a, []review.Item{item})
		if err != nil {
			return nil, err
		}
		return answer(items[0]), nil
	}
	route(s, op{method: "POST", path: "/api/v1/reviews/{id}/claim", tag: "reviews", summary: "Take a review out of a pool, or over from who cannot make it", codes: "review_claimed, review_sent"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[ReviewItem], error) {
			r, err := s.Reviews.Claim(ctx, a, in.ID)
			return give(ctx, a, r, err)
		})
	route(s, op{method: "POST", path: "/api/v1/reviews/{id}/release", tag: "reviews", summary: "Give back a review one has taken; its draft goes", codes: "review_sent"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[ReviewItem], error) {
			r, err := s.Reviews.Release(ctx, a, in.ID)
			return give(ctx, a, r, err)
		})
	type reassignRequest struct {
		IDPath
		Body struct {
			PersonID string `json:"person_id" format:"uuid" doc:"One of GET reviewers."`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/reviews/{id}/reassign", tag: "reviews", summary: "Give a review to somebody else; its draft goes", codes: "reviewer_unfit, review_sent"},
		func(ctx context.Context, a people.Actor, in *reassignRequest) (*body[ReviewItem], error) {
			r, err := s.Reviews.Reassign(ctx, a, in.ID, in.Body.PersonID)
			return give(ctx, a, r, err)
		})
	type reviewersAnswer struct {
		Items []authorDTO `json:"items" doc:"By name."`
	}
	route(s, op{method: "GET", path: "/api/v1/reviews/{id}/reviewers", tag: "reviews", summary: "To whom one may give a review"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[reviewersAnswer], error) {
			found, err := s.Reviews.Eligible(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			names, err := s.names(ctx, slices.Clone(found))
			if err != nil {
				return nil, err
			}
			return answer(reviewersAnswer{byName(found, names)}), nil
		})
}

func (s *Server) reviewVoiceRoutes() {
	type VoicePath struct {
		ID     string `path:"id" format:"uuid"`
		NoteID string `path:"note_id" format:"uuid" doc:"Of the note, the writer's own."`
	}
	type voiceRequest struct {
		VoicePath
		RawBody []byte `contentType:"audio/webm" doc:"WebM or Ogg (Opus), or MP4 (AAC): at most 2 MB and a minute."`
	}
	type voiceDTO struct {
		NoteID     string `json:"note_id"`
		DurationMS int64  `json:"duration_ms"`
	}
	route(s, op{method: "PUT", path: "/api/v1/reviews/{id}/voice/{note_id}", tag: "reviews", summary: "Keep the recording of a spoken note; the same one again is kept once", maxBody: review.MaxVoiceBytes,
		codes: "voice_unfit, voice_too_long, body_too_large, too_many, review_sent, media_tool_missing"},
		func(ctx context.Context, a people.Actor, in *voiceRequest) (*body[voiceDTO], error) {
			v, err := s.Reviews.KeepVoice(ctx, a, in.ID, in.NoteID, in.RawBody)
			if err != nil {
				return nil, err
			}
			return answer(voiceDTO{v.NoteID, v.DurationMS}), nil
		})
	type voiceGetRequest struct{ VoicePath }
	route(s, op{method: "GET", path: "/api/v1/reviews/{id}/voice/{note_id}", tag: "reviews", summary: "The recording of a spoken note, as AAC in MP4; single ranges"},
		func(ctx context.Context, a people.Actor, in *voiceGetRequest) (*huma.StreamResponse, error) {
			v, err := s.Reviews.Voice(ctx, a, in.ID, in.NoteID)
			if err != nil {
				return nil, err
			}
			r, _ := ctx.Value(requestKey).(*http.Request)
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				c := unwrap(hc)
				// Asked for again before it is played: the right may have ended, as when a result changed.
				if err := media.ServeObject(c.Response().Writer, r, s.Store, v.Key(), media.ServeOptions{ContentType: "audio/mp4", ETag: v.SHA256, CacheControl: "private, no-cache"}); err != nil {
					s.mediaFailed(c, err)
				}
			}}, nil
		})
}
