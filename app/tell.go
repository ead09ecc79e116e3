package app

import (
	"context"

	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/notice"
)

// tellOfAsks has the one who is asked hear of an ask, and the asker of the answer. Declining tells nobody.
func tellOfAsks(asks *ask.Service, notices *notice.Service) {
	asks.OnAsked = func(_ context.Context, tx *db.Tx, k ask.Ask) error {
		// Without the video that it points at: who may not see that any more was asked all the same.
		return notices.TellTx(tx, notice.Notice{PersonID: k.ToID, Kind: notice.Ask, ActorID: &k.FromID, AskID: &k.ID, Body: k.Body})
	}
	asks.OnAnswered = func(_ context.Context, tx *db.Tx, k ask.Ask) error {
		return notices.TellTx(tx, notice.Notice{PersonID: k.FromID, Kind: notice.Answer, ActorID: &k.ToID, VideoID: k.AnswerVideoID, AskID: &k.ID, Body: k.Body})
	}
	asks.OnWithdrawn = func(_ context.Context, tx *db.Tx, k ask.Ask) error {
		return notices.ForgetAskTx(tx, k.ID)
	}
}
