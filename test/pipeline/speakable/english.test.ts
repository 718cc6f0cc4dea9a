import { describe, expect, it } from 'vitest'
import { say } from './say.ts'

describe('an English voice', () => {
  it.each([
    // Money
    ['It costs $49.50.', 'It costs forty-nine dollars and fifty cents.'],
    ['That is $1,200.50 in all', 'That is one thousand two hundred dollars and fifty cents in all'],
    ['€5, £1.01 or ¥300', 'five euros, one pound and one penny or three hundred yen'],
    [
      '3 USD, $1, $0.99 and $.50',
      'three US dollars, one dollar, ninety-nine cents and fifty cents',
    ],
    [
      '$2.5M, $100k, $3 billion',
      'two point five million dollars, one hundred thousand dollars, three billion dollars',
    ],
    ['$5-10, $5–$10', 'five to ten dollars, five to ten dollars'],
    ['$20/mo and -$5', 'twenty dollars per month and minus five dollars'],
    ['$5 million/yr, 5¢, CHF 2', 'five million dollars per year, five cents, two Swiss francs'],
    ['$5.00, €1.5', 'five dollars, one euro and fifty cents'],
    ['$0.005', 'zero point zero zero five dollars'],
    // Percent
    [
      '50% off, 0.5 %, 10-15%',
      'fifty percent off, zero point five percent, ten to fifteen percent',
    ],
    // Times
    ['at 2:30 pm, 2pm, 9 AM', 'at two thirty p.m., two p.m., nine a.m.'],
    ['Is 2:05 p.m. good?', 'Is two oh five p.m. good?'],
    ['at 14:05, 0:15, 9:00', "at two oh five p.m., twelve fifteen a.m., nine o'clock"],
    ['See you at 2pm.', 'See you at two p.m.'],
    ['12:00 pm, 12 am', 'twelve p.m., twelve a.m.'],
    // Dates
    ['on 2026-11-21', 'on November twenty-first, twenty twenty-six'],
    [
      'by 11/21/2026 or 12/25',
      'by November twenty-first, twenty twenty-six or December twenty-fifth',
    ],
    ['on 21/11/2026', 'on November twenty-first, twenty twenty-six'],
    ['May 3rd, Nov. 21, the 3rd of May', 'May third, November twenty-first, the third of May'],
    [
      'Nov 21, 2026 and 3 May 2005',
      'November twenty-first, twenty twenty-six and May third, two thousand five',
    ],
    ['on Mon., Wed., and Fri. We rest.', 'on Monday, Wednesday, and Friday. We rest.'],
    ['open 8-5 M-F', 'open eight to five Monday to Friday'],
    ['Sat, Nov 21-23', 'Saturday, November twenty-first to twenty-third'],
    ['the 2026-02-31 file', 'the two zero two six, zero two, three one file'],
    ['on 3/4, not 3/4 of it', 'on March fourth, not three quarters of it'],
    // Phone numbers
    ['+1 (555) 123-4567', 'plus one, five five five, one two three, four five six seven'],
    ['555.123.4567', 'five five five, one two three, four five six seven'],
    ['555-0199', 'five five five, zero one nine nine'],
    [
      '(555) 123-4567 ext. 204',
      'five five five, one two three, four five six seven, extension two zero four',
    ],
    ['Call 5551234567', 'Call five five five, one two three, four five six seven'],
    // Addresses
    ['john.smith@example.com', 'john dot smith at example dot com'],
    [
      'Write to a_b-c+9@mail.example.org.',
      'Write to a underscore b dash c plus nine at mail dot example dot org.',
    ],
    ['https://www.example.com/book-now?x=1', 'example dot com slash book dash now'],
    ['See example.com.', 'See example dot com.'],
    // Ordinals, years, decades
    ['the 1st, 22nd and 103rd', 'the first, twenty-second and one hundred third'],
    [
      'in 1999, 2005, 1905, 1900 and 2026',
      'in nineteen ninety-nine, two thousand five, nineteen oh five, nineteen hundred and twenty twenty-six',
    ],
    ["the 1990s and the '90s", 'the nineteen nineties and the nineties'],
    // Numbers
    [
      '1,234 people and 3.14',
      'one thousand two hundred thirty-four people and three point one four',
    ],
    ['-5, +5, 50+, 2x, 3x5', 'minus five, plus five, fifty plus, two times, three times five'],
    ['zip 10001 or 30000 people', 'zip one zero zero zero one or thirty thousand people'],
    ['10-year-old, 1-on-1', 'ten-year-old, one-on-one'],
    ['1,2,3 and 007', 'one, two, three and zero zero seven'],
    ['version 2.0.1', 'version two point zero point one'],
    ['2.5 million or 3bn', 'two point five million or three billion'],
    [
      '1234567890123456',
      'one two three four, five six seven eight, nine zero one two, three four five six',
    ],
    // Ranges
    ['9-5, 2–3 days, 9am-5pm', 'nine to five, two to three days, nine a.m. to five p.m.'],
    ['Mon-Fri, Monday – Friday', 'Monday to Friday, Monday to Friday'],
    ['1st–3rd', 'first to third'],
    // Units
    [
      '5 km, 10 kg, 20°C, 3 ft, 1 mile',
      'five kilometers, ten kilograms, twenty degrees Celsius, three feet, one mile',
    ],
    ['1 km, 40 km/h, a 5-km run', 'one kilometer, forty kilometers per hour, a five-kilometer run'],
    ['5\'10" tall, 30 min/day', 'five foot ten tall, thirty minutes per day'],
    [
      '3 or 4 min., 6 ft. 2 in. tall, 5 hrs.',
      'three or four minutes, six feet two inches tall, five hours.',
    ],
    ['2 pills 3x/day, 5/week', 'two pills three times per day, five per week'],
    // Codes
    ['order #A12-77', 'order A one two, seven seven'],
    ['the #1, ticket #4821', 'the number one, ticket four eight two one'],
    ['code 4821, PIN is 0042', 'code four eight two one, PIN is zero zero four two'],
    ['gate B12, COVID-19, I-95, 5G', 'gate B twelve, COVID nineteen, I ninety-five, five G'],
    ['123-45-6789', 'one two three, four five, six seven eight nine'],
    // Fractions
    [
      '1/2 cup, 2 1/2 cups, ¾, 2½',
      'one half cup, two and a half cups, three quarters, two and a half',
    ],
    [
      '33/2, 5/1, 0/5, 1/200',
      'thirty-three halves, May first, zero slash five, one slash two hundred',
    ],
    ['2/3 and 3/8', 'two thirds and three eighths'],
    // Abbreviations
    ['Dr. Smith, Mr. Lee vs. Mrs. Fox', 'Doctor Smith, Mister Lee versus Missus Fox'],
    ['123 Main St. and 5th Ave.', 'one hundred twenty-three Main Street and fifth Avenue.'],
    ['St. Louis, on Main St. Please come', 'Saint Louis, on Main Street. Please come'],
    ['in East St. Louis, 4 Elm Dr. too', 'in East Saint Louis, four Elm Drive too'],
    ['your appt, e.g. this, etc.', 'your appointment, for example this, et cetera.'],
    ['an appt with St. Mary', 'an appointment with Saint Mary'],
    ['Approx. 5, No. 7', 'Approximately five, number seven'],
    ['etc. Then', 'et cetera. Then'],
    ['1600 Main Ave. NW, bldg. 7', 'sixteen hundred Main Avenue NW, building seven'],
    // Signs
    [
      'press *, dial *67, or press # twice',
      'press star, dial star six seven, or press pound twice',
    ],
    ['80/20', 'eighty slash twenty'],
    ['A & B, me @ home', 'A and B, me at home'],
    ['and/or, he/she, AC/DC', 'and or, he or she, AC DC'],
    ['2+2=4, ~5, C++', 'two plus two equals four, about five, C plus plus'],
    ['24/7, call 911', 'twenty-four seven, call nine one one'],
  ])('reads %j', (written, spoken) => {
    expect(say('en', written)).toBe(spoken)
  })

  it('keeps to how the country says it', () => {
    expect(say('en-GB', '101 days, 21/11/2026, 5 km')).toBe(
      'one hundred and one days, the twenty-first of November, twenty twenty-six, five kilometres',
    )
    expect(say('en-CA', '101 days, 05/11/2026')).toBe(
      'one hundred one days, November fifth, twenty twenty-six',
    )
    expect(say('en-Latn-GB', 'press #')).toBe('press hash')
    expect(say('en-GB', 'by the 3 May')).toBe('by the third of May')
  })

  it.each([
    'No. Really?',
    'I met Jan. Nice.',
    'It is A.I. from the U.S. now.',
    'You may, at the sun.',
    'Read it.Me too.',
  ])('leaves %j alone', (text) => {
    expect(say('en', text)).toBe(text)
  })
})
