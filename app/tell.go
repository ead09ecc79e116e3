package app

import (
	"context"

	"github.com/fieldreel/fieldreel/app/ask"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/notice"
)

// tellOfAsks has the one who is asked hear of an ask, and the asker of the answer. Declining tells nobody.
func (a *App) tellOfAsks() {
	a.Asks.OnAsked = func(_ context.Context, tx *db.Tx, k ask.Ask) error {
		// Without the video that it points at: who may not see that any more was asked all the same.
		return a.Notices.TellTx(tx, notice.Notice{PersonID: k.ToID, Kind: notice.Ask, ActorID: &k.FromID, AskID: &k.ID, Body: k.Body})
	}
	a.Asks.OnAnswered = func(_ context.Context, tx *db.Tx, k ask.Ask) error {
		return a.Notices.TellTx(tx, notice.Notice{PersonID: k.FromID, Kind: notice.Answer, ActorID: &k.ToID, VideoID: k.AnswerVideoID, AskID: &k.ID, Body: k.Body})
	}
	a.Asks.OnWithdrawn = func(_ context.Context, tx *db.Tx, k ask.Ask) error {
		return a.Notices.ForgetAskTx(tx, k.ID)
	}
}
