/** What can be done with the picture of a row. */
export type RowAction = 'cancel' | 'retry' | 'remove';

/** Name of the event whose detail is a `RowAction`; it comes from the row. */
export const ROW_ACTION = 'row-action';
