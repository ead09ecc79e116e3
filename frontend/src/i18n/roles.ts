/** What the roles of a person are called. */
export const roles = { rep: 'Rep', manager: 'Manager', trainer: 'Trainer', admin: 'Admin' } as const;
