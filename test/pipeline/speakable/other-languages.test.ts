import { describe, expect, it } from 'vitest'
import { say } from './say.ts'

describe('a German voice', () => {
  it.each([
    ['€1.200,50', 'eintausendzweihundert Euro und fünfzig Cent'],
    [
      '1 € oder 5,- € oder 2,5 Mio. €',
      'ein Euro oder fünf Euro oder zwei Komma fünf Millionen Euro',
    ],
    ['10 %, 2,5 km, 1 Std.', 'zehn Prozent, zwei Komma fünf Kilometer, eine Stunde.'],
    ['um 14:30 Uhr, 9.05 Uhr, 1 Uhr', 'um vierzehn Uhr dreißig, neun Uhr fünf, ein Uhr'],
    ['von 9-17 Uhr, Mo-Fr', 'von neun bis siebzehn Uhr, Montag bis Freitag'],
    ['am 21.11.2026', 'am einundzwanzigsten November zweitausendsechsundzwanzig'],
    ['am 3. Mai, der 3. Mai', 'am dritten Mai, der dritte Mai'],
    ['Donnerstag, 21.11.', 'Donnerstag, einundzwanzigster November.'],
    ['vom 3. bis 5. Mai 1999', 'vom dritten bis fünften Mai neunzehnhundertneunundneunzig'],
    ['im 2. Stock, die 4. Woche', 'im zweiten Stock, die vierte Woche'],
    ['Ich brauche 3. Danke.', 'Ich brauche drei. Danke.'],
    ['030 123456', 'null drei null, eins zwei drei, vier fünf sechs'],
    ['anna@beispiel.de', 'anna at beispiel Punkt de'],
    [
      'z. B. Dr. Meier bzw. Fr. Schmidt usw.',
      'zum Beispiel Doktor Meier beziehungsweise Frau Schmidt und so weiter.',
    ],
    ['Hauptstr. 12, Nr. 5', 'Hauptstraße zwölf, Nummer fünf'],
    ['in der Hauptstr. bitte', 'in der Hauptstraße bitte'],
    ['Bestellung #A12-77', 'Bestellung A eins zwei, sieben sieben'],
    [
      '1.234 Leute, 1 Person, 1 Tag',
      'eintausendzweihundertvierunddreißig Leute, eine Person, ein Tag',
    ],
    [
      '1/2, 33/2, 2/3, 1/200',
      'ein halb, dreiunddreißig halbe, zwei Drittel, ein Schrägstrich zweihundert',
    ],
    ['14 Uhr 30, 1:05, 24/7', 'vierzehn Uhr dreißig, ein Uhr fünf, vierundzwanzig sieben'],
    ['1900, 1 Nacht, 0 Fehler, die 90', 'neunzehnhundert, eine Nacht, null Fehler, die neunzig'],
    ['21.11. um 9 Uhr', 'einundzwanzigster November um neun Uhr'],
    ['32.13.2026', 'zweiunddreißig Punkt dreizehn Punkt zweitausendsechsundzwanzig'],
    [
      'Code 123456, +49 30 1234567',
      'Code eins zwei drei, vier fünf sechs, plus vier neun, drei null, eins zwei drei, vier fünf sechs sieben',
    ],
    ['5 1/2, 3/4, A & B', 'fünf und ein halb, drei Viertel, A und B'],
    [
      'Version 2.0.1, 1.234.567',
      'Version zwei Punkt null Punkt eins, eine Million zweihundertvierunddreißigtausendfünfhundertsiebenundsechzig',
    ],
  ])('reads %j', (written, spoken) => {
    expect(say('de-DE', written)).toBe(spoken)
  })
})

describe('a Spanish voice', () => {
  it.each([
    [
      '49,50 €, 1 €, 21 €',
      'cuarenta y nueve euros con cincuenta céntimos, un euro, veintiún euros',
    ],
    ['$1.200,50', 'mil doscientos dólares con cincuenta centavos'],
    ['2 millones de euros, 3 M€', 'dos millones de euros, tres millones de euros'],
    ['1.000.000 €', 'un millón de euros'],
    ['a las 14:30, a las 2:30 p. m.', 'a las catorce treinta, a las dos treinta de la tarde'],
    ['a las 9:00 a. m., 21:05', 'a las nueve de la mañana, veintiuna cero cinco'],
    ['el 21/11/2026, 1 de enero', 'el veintiuno de noviembre de dos mil veintiséis, uno de enero'],
    ['del 3 al 5 de mayo', 'del tres al cinco de mayo'],
    ['612 345 678', 'seis uno dos, tres cuatro cinco, seis siete ocho'],
    ['juan@ejemplo.es', 'juan arroba ejemplo punto es'],
    ['1º, 2ª, 3er piso', 'primero, segunda, tercer piso'],
    [
      '16, 21 años, 21 personas, 200 personas',
      'dieciséis, veintiún años, veintiuna personas, doscientas personas',
    ],
    ['31.031', 'treinta y un mil treinta y uno'],
    ['5 km, 1 h, 10 %', 'cinco kilómetros, una hora, diez por ciento'],
    [
      'Sra. López, núm. 5, p. ej. esto, etc.',
      'señora López, número cinco, por ejemplo esto, etcétera.',
    ],
    ['33/2, 1/4, 2/5, 1/12', 'treinta y tres medios, un cuarto, dos quintos, uno de diciembre'],
    [
      'a las 3 am, 1:00 p.m., 10 pm, 0:30',
      'a las tres de la madrugada, una de la tarde, diez de la noche, cero treinta',
    ],
    ['101º, 3.14, 3,05', 'ciento uno, tres coma catorce, tres coma cero cinco'],
    ['1 de los 3, 2 veces', 'uno de los tres, dos veces'],
    ['lun-vie, y/o, 1/2, 2/3', 'lunes a viernes, y o, medio, dos tercios'],
  ])('reads %j', (written, spoken) => {
    expect(say('es', written)).toBe(spoken)
  })

  it('keeps to how the country writes it', () => {
    expect(say('es-US', '$1,200.50')).toBe('mil doscientos dólares con cincuenta centavos')
    expect(say('es-419', '$1.200,50, 1 de mayo')).toBe(
      'mil doscientos dólares con cincuenta centavos, primero de mayo',
    )
    expect(say('es-MX', '$1,200.50, 3.5 km, 1 de mayo')).toBe(
      'mil doscientos pesos con cincuenta centavos, tres punto cinco kilómetros, primero de mayo',
    )
  })
})

describe('a French voice', () => {
  it.each([
    [
      '49,50 €, 1 200,50 €',
      'quarante-neuf euros et cinquante centimes, mille deux cents euros et cinquante centimes',
    ],
    ['2 000 000 €, 3 M$', 'deux millions d’euros, trois millions de dollars'],
    [
      'à 14h30, 9 h, 21h, 14:30',
      'à quatorze heures trente, neuf heures, vingt et une heures, quatorze heures trente',
    ],
    ['le 21/11/2026, le 1er mai', 'le vingt et un novembre deux mille vingt-six, le premier mai'],
    ['du 3 au 5 mai', 'du trois au cinq mai'],
    ['01 23 45 67 89', 'zéro un, vingt-trois, quarante-cinq, soixante-sept, quatre-vingt-neuf'],
    ['jean@exemple.fr', 'jean arobase exemple point fr'],
    ['2e étage, la 1re fois', 'deuxième étage, la première fois'],
    [
      '1 personne, 21 places, 80, 81',
      'une personne, vingt et une places, quatre-vingts, quatre-vingt-un',
    ],
    ['1,5 km, 10 %, 20°C', 'un virgule cinq kilomètre, dix pour cent, vingt degrés Celsius'],
    ['M. Dupont, Mme Roux, n° 5, etc.', 'Monsieur Dupont, Madame Roux, numéro cinq, et cetera.'],
    ['1/2, 33/2, 3/4, 1/5', 'un demi, trente-trois demis, trois quarts, un cinquième'],
    ['la 1re, la 2nde, 1 000 fois', 'la première, la seconde, mille fois'],
    [
      '3,05 et 0 h, 24h/24',
      'trois virgule zéro cinq et zéro heure, vingt-quatre heures sur vingt-quatre',
    ],
    [
      '+33 1 23 45 67 89, 0 800 123 456',
      'plus trente-trois, un, vingt-trois, quarante-cinq, soixante-sept, quatre-vingt-neuf, zéro, huit zéro zéro, un deux trois, quatre cinq six',
    ],
    ['Mme Roux et Dr Petit', 'Madame Roux et Docteur Petit'],
    ['lun-ven, et/ou, 2/3', 'lundi à vendredi, et ou, deux tiers'],
  ])('reads %j', (written, spoken) => {
    expect(say('fr-FR', written)).toBe(spoken)
  })
})

describe('a voice of any other language', () => {
  it('is given the digits as they are, without the markup', () => {
    expect(say('ja', '**5月3日** です 😊')).toBe('5月3日 です')
    expect(say('it', 'Costa 5 € & basta')).toBe('Costa 5 € & basta')
  })
})
