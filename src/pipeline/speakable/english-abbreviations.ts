/** Before a name; the full stop never ends a sentence. *Ms.* has no longer form. */
export const ENGLISH_TITLES: Readonly<Record<string, string>> = {
  'Mr.': 'Mister',
  'Mrs.': 'Missus',
  'Prof.': 'Professor',
  'Rev.': 'Reverend',
  'Hon.': 'Honorable',
  'Gov.': 'Governor',
  'Sen.': 'Senator',
  'Gen.': 'General',
  'Capt.': 'Captain',
  'Lt.': 'Lieutenant',
  'Sgt.': 'Sergeant',
}

export const ENGLISH_ABBREVIATIONS: Readonly<Record<string, string>> = {
  'Dr.': 'Doctor',
  'Jr.': 'Junior',
  'Sr.': 'Senior',
  'Ave.': 'Avenue',
  'Blvd.': 'Boulevard',
  'Rd.': 'Road',
  'Ln.': 'Lane',
  'Hwy.': 'Highway',
  'Pkwy.': 'Parkway',
  'Apt.': 'Apartment',
  'Ste.': 'Suite',
  'bldg.': 'building',
  'Inc.': 'Incorporated',
  'Ltd.': 'Limited',
  'Corp.': 'Corporation',
  'Co.': 'Company',
  'Dept.': 'Department',
  'Assn.': 'Association',
  'appt.': 'appointment',
  appt: 'appointment',
  'appts.': 'appointments',
  'approx.': 'approximately',
  approx: 'approximately',
  'dept.': 'department',
  'e.g.': 'for example',
  'i.e.': 'that is',
  'etc.': 'et cetera',
  'vs.': 'versus',
  'incl.': 'including',
  'excl.': 'excluding',
  'est.': 'estimated',
  'ext.': 'extension',
  'hr.': 'hour',
  'hrs.': 'hours',
  'mins.': 'minutes',
  'yrs.': 'years',
  'misc.': 'miscellaneous',
  'temp.': 'temperature',
  'qty.': 'quantity',
  'amt.': 'amount',
  'avg.': 'average',
  'tel.': 'telephone',
}

const NAME = String.raw`\p{Lu}[\p{L}'’]+`
/** A house number and the name of its street: *123 Main*. */
const AFTER_HOUSE_NUMBER = String.raw`(?<=(?<![\p{L}\d])\d+[A-Za-z]?\s(?:[NSEW]\.?\s)?(?:${NAME}\s|\d+(?:st|nd|rd|th)\s){1,3})`
/** A name that is not merely the first word of the sentence. */
const AFTER_STREET_NAME = String.raw`(?<=(?:[\p{L},]\s${NAME}|\d(?:st|nd|rd|th))\s)`
const ENDS = String.raw`(?=\s+\p{Lu}|\s*$)`

/** Saints that places are named after, also after another name: *East St. Louis*, *Mount St. Helens*. */
const SAINTS =
  'Andrew|Andrews|Anthony|Augustine|Bernard|Catharines|Charles|Clair|Cloud|Croix|David|Elizabeth|Francis|George|Helena|Helens|James|John|Johns|Joseph|Jude|Kitts|Lawrence|Louis|Lucia|Luke|Mark|Martin|Mary|Michael|Nicholas|Patrick|Paul|Peter|Petersburg|Stephen|Thomas|Vincent'

/** The same letters mean a street or a saint, a drive or a doctor: the words around them tell. */
export const ENGLISH_REWRITES: readonly (readonly [RegExp, string])[] = [
  [/(?<![\p{L}\d])24\/7(?![\p{L}\d])/gu, 'twenty-four seven'],
  [/(?<![\p{L}\d])24\/7\/365(?![\p{L}\d])/gu, 'twenty-four seven'],
  [/(?<![\p{L}\d])9-1-1(?![\p{L}\d])|\b911\b/gu, 'nine one one'],
  [/\band\/or\b/gu, 'and or'],
  [/(?<![\p{L}\d])w\/o(?!\p{L})/gu, 'without'],
  [/(?<![\p{L}\d])w\/\s?(?=\p{L})/gu, 'with '],
  [/(?<![\p{L}\d])[Nn]os?\.\s?(?=\d)/gu, 'number '],
  [new RegExp(String.raw`(?<![\p{L}\d])St\.(?=\s(?:${SAINTS})(?!\p{L}))`, 'gu'), 'Saint'],
  ...street('St', 'Street'),
  ...street('Dr', 'Drive'),
  [/(?<![\p{L}\d])St\.(?=\s\p{Lu})/gu, 'Saint'],
  [/(?<![\p{L}\d])Mt\.(?=\s\p{Lu})/gu, 'Mount'],
  [/(?<![\p{L}\d])Ft\.(?=\s\p{Lu})/gu, 'Fort'],
  [/(?<=\p{L}\s)St\./gu, 'Street'],
]

function street(short: string, full: string): (readonly [RegExp, string])[] {
  const notTheTitle = short === 'Dr' ? String.raw`(?!\s\p{Lu})` : ''
  return [
    [new RegExp(`${AFTER_HOUSE_NUMBER}${short}\\.${ENDS}`, 'gu'), `${full}.`],
    [new RegExp(`${AFTER_HOUSE_NUMBER}${short}(?:\\.|(?!\\p{L}))`, 'gu'), full],
    [new RegExp(`${AFTER_STREET_NAME}${short}\\.${notTheTitle}${ENDS}`, 'gu'), `${full}.`],
    [new RegExp(`${AFTER_STREET_NAME}${short}\\.${notTheTitle}`, 'gu'), full],
  ]
}
