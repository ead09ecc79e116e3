package csvfile

import "sync"

// Preset is the CRM whose export a file is.
type Preset string

// The presets.
const (
	// PresetAuto recognises the CRM by the header.
	PresetAuto       Preset = ""
	PresetSalesforce Preset = "salesforce"
	PresetHubSpot    Preset = "hubspot"
	PresetPipedrive  Preset = "pipedrive"
	// PresetPlain is a file of no CRM in particular, with the names of the
	// fields or other plain words as headers.
	PresetPlain Preset = "plain"
)

// Field is something that a deal has, and that a column can be.
type Field string

// The fields.
const (
	FieldExternalID Field = "external_id"
	FieldName       Field = "name"
	FieldOwner      Field = "owner"
	FieldOwnerEmail Field = "owner_email"
	FieldOwnerID    Field = "owner_id"
	FieldAmount     Field = "amount"
	FieldCurrency   Field = "currency"
	FieldStage      Field = "stage"
	FieldStatus     Field = "status"
	FieldIsWon      Field = "is_won"
	FieldIsLost     Field = "is_lost"
	FieldIsClosed   Field = "is_closed"
	FieldIsDeleted  Field = "is_deleted"
	FieldOpenedAt   Field = "opened_at"
	FieldClosedAt   Field = "closed_at"
	FieldWonAt      Field = "won_at"
	FieldLostAt     Field = "lost_at"
	FieldSegment    Field = "segment"
	FieldCompetitor Field = "competitor"
	FieldProduct    Field = "product"
)

// Fields returns all fields, in the order in which a person is shown them.
func Fields() []Field {
	return []Field{
		FieldExternalID, FieldName, FieldOwner, FieldOwnerEmail, FieldOwnerID, FieldAmount, FieldCurrency,
		FieldStage, FieldStatus, FieldIsWon, FieldIsLost, FieldIsClosed, FieldIsDeleted,
		FieldOpenedAt, FieldClosedAt, FieldWonAt, FieldLostAt, FieldSegment, FieldCompetitor, FieldProduct,
	}
}

// words is the headers by which a CRM's fields go, best first. Headers are
// compared by their key (see headerKey), so "Close Date", "CloseDate" and
// "close_date" are one entry.
type words struct {
	preset Preset
	fields map[Field][]string
	// marks are keys that only this CRM has.
	marks []string
}

// vocabulary is words made ready for looking up. It never changes.
type vocabulary struct {
	preset  Preset
	aliases map[string]alias // By key.
	marks   map[string]bool
}

type alias struct {
	field Field
	// rank is 0 for the best name of a field.
	rank int
	// common is true for our own names of the fields, which are understood in
	// every file and so say nothing about the CRM.
	common bool
}

func (w words) vocabulary() vocabulary {
	v := vocabulary{preset: w.preset, aliases: map[string]alias{}, marks: map[string]bool{}}
	for _, f := range Fields() {
		for i, name := range w.fields[f] {
			if key := headerKey(name); v.aliases[key].field == "" {
				v.aliases[key] = alias{field: f, rank: i}
			}
		}
	}
	for _, f := range Fields() {
		if key := headerKey(string(f)); v.aliases[key].field == "" {
			v.aliases[key] = alias{field: f, rank: len(w.fields[f]), common: true}
		}
	}
	for _, m := range w.marks {
		v.marks[m] = true
	}
	return v
}

// vocabularies returns what is known of each CRM. English headers are those of
// reference/crm-exports.md; those in German, French and Spanish are from memory
// (unverified) and are therefore additions and never the only way to match: what
// they miss, the person maps.
var vocabularies = sync.OnceValue(func() []vocabulary {
	return []vocabulary{salesforce().vocabulary(), hubSpot().vocabulary(), pipedrive().vocabulary(), plain().vocabulary()}
})

//nolint:misspell // The words of other languages.
func salesforce() words {
	return words{
		preset: PresetSalesforce,
		fields: map[Field][]string{
			FieldExternalID: {"Opportunity ID", "Id", "18 Digit Opportunity ID", "Case Safe ID",
				"Opportunity-ID", "ID der Opportunity", "ID de l'opportunité", "ID opportunité", "Id. de la oportunidad", "Id. de oportunidad"},
			FieldName: {"Opportunity Name", "Name",
				"Opportunityname", "Name der Opportunity", "Nom de l'opportunité", "Nom opportunité", "Nombre de la oportunidad", "Nombre de oportunidad"},
			FieldOwner: {"Opportunity Owner", "Owner Name", "Owner Full Name", "Owner.Name", "Owner",
				"Opportunity-Inhaber", "Inhaber der Opportunity", "Inhaber", "Propriétaire de l'opportunité", "Propriétaire opportunité", "Propriétaire",
				"Propietario de la oportunidad", "Propietario de oportunidad", "Propietario"},
			FieldOwnerEmail: {"Owner.Email", "Opportunity Owner: Email", "Opportunity Owner Email", "Owner Email",
				"Opportunity-Inhaber: E-Mail", "Inhaber: E-Mail", "Propriétaire de l'opportunité: E-mail", "Propietario de la oportunidad: Correo electrónico"},
			FieldOwnerID: {"Owner ID", "Opportunity Owner ID", "Inhaber-ID", "ID du propriétaire", "Id. del propietario"},
			FieldAmount:  {"Amount", "Betrag", "Montant", "Importe", "Monto"},
			FieldCurrency: {"Currency ISO Code", "Opportunity Currency", "Amount Currency", "Currency",
				"Währung der Opportunity", "Betrag Währung", "Währung", "Devise de l'opportunité", "Montant Devise", "Devise",
				"Divisa de la oportunidad", "Importe Divisa", "Divisa", "Moneda"},
			FieldStage:      {"Stage", "Stage Name", "Phase", "Étape", "Etapa", "Fase"},
			FieldIsWon:      {"Is Won", "Won", "Gewonnen", "Gagné", "Gagnée", "Ganada", "Ganado"},
			FieldIsClosed:   {"Is Closed", "Closed", "Geschlossen", "Fermé", "Fermée", "Cerrada", "Cerrado"},
			FieldIsDeleted:  {"Is Deleted", "Deleted", "Gelöscht", "Supprimé", "Supprimée", "Eliminada", "Eliminado"},
			FieldOpenedAt:   {"Created Date", "Erstelldatum", "Erstellt am", "Erstellungsdatum", "Date de création", "Fecha de creación"},
			FieldClosedAt:   {"Close Date", "Schlusstermin", "Abschlussdatum", "Date de clôture", "Date de fermeture", "Fecha de cierre"},
			FieldSegment:    {"Segment", "Market Segment", "Customer Segment", "Account Segment", "Marktsegment", "Kundensegment", "Segment de marché", "Segmento"},
			FieldCompetitor: {"Main Competitor(s)", "Main Competitors", "MainCompetitors__c", "Primary Competitor", "Competitor", "Competitors", "Hauptmitbewerber", "Mitbewerber", "Principaux concurrents", "Concurrent", "Competidores principales", "Competidor"},
			FieldProduct:    {"Product Name", "Product", "Products", "Product Family", "Produktname", "Produkt", "Nom du produit", "Produit", "Nombre del producto", "Producto"},
		},
		marks: []string{"accountid", "accountname", "fiscalperiod", "fiscalquarter", "forecastcategory", "forecastcategoryname", "isclosed",
			"iswon", "leadsource", "nextstep", "opportunitytype", "ownerrole", "stagename", "opportunityid", "opportunityname", "opportunityowner"},
	}
}

//nolint:misspell // The words of other languages.
func hubSpot() words {
	return words{
		preset: PresetHubSpot,
		fields: map[Field][]string{
			FieldExternalID: {"Record ID", "Deal ID", "hs_object_id", "Datensatz-ID", "ID de l'enregistrement", "ID de fiche d'informations", "ID de registro", "ID del registro"},
			FieldName:       {"Deal Name", "Name des Deals", "Nom de la transaction", "Nom transaction", "Nombre del negocio", "Nombre de negocio"},
			FieldOwner: {"Deal owner", "Deal-Inhaber", "Deal-Verantwortlicher", "Für Deal zuständiger Mitarbeiter", "Zuständiger Mitarbeiter",
				"Propriétaire de la transaction", "Propietario del negocio"},
			FieldOwnerEmail: {"Deal owner email", "Owner email", "Deal-Inhaber E-Mail"},
			FieldOwnerID:    {"hubspot_owner_id", "Deal owner ID"},
			FieldAmount:     {"Amount", "Betrag", "Montant", "Importe", "Valor"},
			FieldCurrency:   {"Currency", "deal_currency_code", "Währung", "Devise", "Moneda", "Divisa"},
			FieldStage:      {"Deal Stage", "Deal-Phase", "Étape de la transaction", "Phase de la transaction", "Etapa del negocio", "Fase del negocio"},
			FieldIsWon: {"Is Closed Won", "hs_is_closed_won", "Ist abgeschlossen und gewonnen", "Abgeschlossen und gewonnen",
				"Est conclue gagnée", "Fermée gagnée", "Está cerrado ganado", "Cerrado ganado"},
			FieldIsLost: {"Is closed lost", "hs_is_closed_lost", "Ist abgeschlossen und verloren", "Abgeschlossen und verloren",
				"Est conclue perdue", "Fermée perdue", "Está cerrado perdido", "Cerrado perdido"},
			FieldIsClosed:   {"hs_is_closed", "Is Closed", "Is Deal Closed?"},
			FieldIsDeleted:  {"archived"},
			FieldOpenedAt:   {"Create Date", "Created At", "Erstellungsdatum", "Erstelldatum", "Date de création", "Fecha de creación"},
			FieldClosedAt:   {"Close Date", "Abschlussdatum", "Date de clôture", "Date de fermeture", "Fecha de cierre"},
			FieldSegment:    {"Segment", "Market Segment", "Customer Segment", "Kundensegment", "Segmento"},
			FieldCompetitor: {"Competitor", "Competitors", "Main Competitor", "Wettbewerber", "Mitbewerber", "Concurrent", "Competidor"},
			FieldProduct:    {"Product", "Products", "Product Name", "Produkt", "Produit", "Producto"},
		},
		marks: []string{"recordid", "dealname", "dealstage", "dealowner", "dealtype", "pipeline", "associatedcompany", "associatedcompanyids",
			"associatedcontactids", "hsobjectid", "dealphase", "datensatzid", "nomdelatransaction", "nombredelnegocio", "isclosedwon", "isclosedlost"},
	}
}

//nolint:misspell // The words of other languages.
func pipedrive() words {
	return words{
		preset: PresetPipedrive,
		fields: map[Field][]string{
			FieldExternalID: {"ID", "Deal ID"},
			FieldName:       {"Title", "Titel", "Titre", "Título", "Název"},
			FieldOwner:      {"Owner", "Owner name", "Besitzer", "Eigentümer", "Propriétaire", "Propietario", "Vlastník"},
			FieldOwnerEmail: {"Owner email", "Owner: Email"},
			FieldOwnerID:    {"Owner ID", "user_id", "owner_id"},
			FieldAmount:     {"Value", "Wert", "Valeur", "Valor", "Hodnota"},
			FieldCurrency:   {"Currency", "Currency of value", "Währung", "Währung von Wert", "Devise", "Devise de Valeur", "Moneda", "Moneda de Valor", "Měna"},
			FieldStage:      {"Stage", "Phase", "Étape", "Etapa", "Fáze"},
			FieldStatus:     {"Status", "Statut", "Estado", "Stav"},
			FieldOpenedAt: {"Deal created", "Add time", "Created", "Deal erstellt", "Deal erstellt am", "Erstellt am", "Affaire créée", "Affaire créée le",
				"Date de création", "Trato creado", "Negocio creado", "Fecha de creación", "Obchod vytvořen"},
			FieldWonAt:      {"Won time", "Gewonnen am", "Zeitpunkt gewonnen", "Gagnée le", "Gagné le", "Date de gain", "Ganado el", "Fecha de ganado"},
			FieldLostAt:     {"Lost time", "Verloren am", "Zeitpunkt verloren", "Perdue le", "Perdu le", "Date de perte", "Perdido el", "Fecha de perdido"},
			FieldClosedAt:   {"Deal closed on", "Close time", "Deal abgeschlossen am", "Affaire conclue le", "Affaire clôturée le", "Trato cerrado el", "Negocio cerrado el"},
			FieldSegment:    {"Segment", "Customer Segment", "Kundensegment", "Segmento"},
			FieldCompetitor: {"Competitor", "Competitors", "Wettbewerber", "Concurrent", "Competidor"},
			FieldProduct:    {"Product", "Product name", "Products", "Produkt", "Produit", "Producto"},
		},
		marks: []string{"addtime", "updatetime", "wontime", "losttime", "closetime", "dealcreated", "dealclosedon", "laststagechange", "lostreason", "visibleto"},
	}
}

func plain() words {
	return words{
		preset: PresetPlain,
		fields: map[Field][]string{
			FieldExternalID: {"external_id", "id", "deal id", "crm id"},
			FieldName:       {"name", "deal", "deal name", "title"},
			FieldOwner:      {"owner", "rep", "sales rep"},
			FieldOwnerEmail: {"owner_email", "rep email", "email"},
			FieldOwnerID:    {"owner_id", "rep id"},
			FieldAmount:     {"amount", "value"},
			FieldCurrency:   {"currency"},
			FieldStage:      {"stage"},
			FieldStatus:     {"status"},
			FieldIsWon:      {"is_won", "won"},
			FieldIsLost:     {"is_lost", "lost"},
			FieldIsClosed:   {"is_closed", "closed"},
			FieldIsDeleted:  {"is_deleted", "deleted"},
			FieldOpenedAt:   {"opened_at", "opened", "created_at", "created"},
			FieldClosedAt:   {"closed_at", "closed on", "closed date"},
			FieldWonAt:      {"won_at"},
			FieldLostAt:     {"lost_at"},
			FieldSegment:    {"segment"},
			FieldCompetitor: {"competitor"},
			FieldProduct:    {"product"},
		},
	}
}

// dealPrefixes are what Pipedrive puts before " - " in the headers of a deal's own
// fields, by the language of the account. English and Czech are sourced, the
// others are from memory (unverified).
func dealPrefixes() []string {
	return []string{"deal", "obchod", "geschäft", "affaire", "transaction", "trato", "negocio"}
}
