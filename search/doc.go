// Package search finds the moments of videos that answer a situation.
//
// # Words
//
// A [Video] is indexed as one header document (title, author, description, labels, audience) and one document for each
// passage of its transcript (see package passage). A search returns videos, best first, each with its best moments. A
// moment is a passage that matched, with its times and the words that matched marked.
//
// # Ranking
//
// Text is scored by BM25 with k1 = 1.2 and b = 0.75 (Robertson and Zaragoza, "The Probabilistic Relevance Framework:
// BM25 and Beyond", 2009, with the always positive idf of Lucene). A passage is raised by a quarter of each of its
// neighbours, since speakers take more than one passage to answer. A video has its best document, plus 0.25 times the
// second and 0.1 times the third. These weights were measured on QMSum (787 questions); nothing here is fitted to one
// collection. Facets that the asker gave (objection, competitor, …) make up 30 % of the score; see [Query].
//
// # Visibility
//
// A viewer is a set of opaque keys and so is a video's audience. The videos whose audience shares a key with the viewer
// are worked out from the index before anything is ranked: no score, count, normalisation or page boundary ever depends
// on another video. The one exception is the rarity of a word (its document frequency), which is that of the whole
// library, as in every search engine. The index can lag behind the database by the time that its upkeep takes, so the
// caller checks the shown page once more.
//
// # Bleve
//
// Postings, segments, merging and atomic batches are Bleve's (package scorch). Scoring is ours, over its postings:
// Bleve's own "bm25" counts distinct terms instead of tokens in the average length, so that its scores change when
// segments are merged, and its searchers keep only the top hits, whereas neighbours and grouping need every score. Per
// segment we keep a table in memory of which document is which passage of which video (14 bytes a passage), which is
// what makes grouping exact and fast. Every document of a video is written in one batch and therefore always in one
// segment.
//
// The words of a passage are kept in the index to be shown (0.36 KB a passage, half of its size): results are then of one
// state, and no join with transcripts that may have been cut anew meanwhile is needed. Positions are not kept; the few
// shown passages are analysed again to mark what matched.
//
// # Disposable
//
// The index is a cache of the database and never the source of anything. It lives in a folder named after the version of
// its layout; one that is missing, of another layout or damaged is replaced by an empty one, and [Index.NeedsRebuild]
// says so. [Index.Rebuild] makes a new one beside the old and swaps them while searches go on.
package search
