/** What Active Directory fills in by itself although its classes demand it ([MS-ADTS] §3.1.1.5.2). In lower case. */
export const FILLED_BY_ACTIVE_DIRECTORY: ReadonlySet<string> = new Set(
  'cn instancetype ntsecuritydescriptor objectcategory objectsid samaccountname grouptype'.split(' '),
);
