/** The words of a stretch, apart from the others: the first screen has links to moments, and no dialogs. */
export const en = { whole: 'The whole video' } as const;
