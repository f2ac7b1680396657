/**
 * English words that differ from a maker's, a model's or a trim's name by no more than a slip of the pen does:
 * "river" and Rover, "chassis" and Classic. Nobody who writes one of them meant the name. Taken from SCOWL,
 * the word list of spell checkers (words of its sizes up to 35, near makers' names up to 50); SCOWL is copyright
 * 2000-2016 by Kevin Atkinson, free to use, copy and modify with this notice, without warranty.
 */
const WORDS = `
abroad accept acclaimed achieve achieved achieves advanced adventure adventured adventures
advice agitator alert alliance aphelia aptitude aptitudes arias arise arises armies arses
ascend ascended ascends ashen askance aspired assent astray attitude attitudes avenge avenged
avenges avenues aviation backwoods banana baritone beetled blamer blander blaster blaze
blazed blazes blinder blister blonder blunder blunders blunter bluster boarder boasted
bolster bolsters boosted booster boosters bossier boulder boulders bounced bounces boundary
bounded brace brake bravado braved braver bravo breezed breezy brick bricking brigade
brigades brought bullet bullets bullied bullies bulling bullion cadence calamity calibre
calibres camera cameras canal candour cannibal cannon canon capsize caption captivate captive
captives cardinal career careers carrier carriers cascade cascaded cascades cascading
castaway cater caters cavalries cedilla cedillas celebrate censure centers challenge
challenged challenges chamber champing championed changed changes chapter charge charged
charges charity charmed charred charted charter charters chassis chaster chatter cheaper
cheater checked checkered checkup cheeked cheekier chequer chewier chicken chipped chipper
chippers chocked chopper chucked circus citizen citron citrons citrus civil clamber clapped
clapper clappers clarify classed classes classical classify classing classy climber clipped
closely cloudier clown coarser coastline cockier coconut colander colonel colones colored
coloreds combats comes command commanded commandeer commandeers commands commend commended
commends commoner compact compacts company compare compares compassed compasses compels
competitive competitor compose composes composition compost composts compress computation
comrade concede concern concert conclude concoct concourse concurs condors conform congest
conquer conquers consort contact contest continent continents contort contoured cooker cooler
cooped copper cordoned cordons cornet cornets cornier corollary coronary coroner coroners
corrals corridor corrode corsage counted counter counters countrymen counts county couple
coups coursed courser courses courted covet cracker craze creation cresting crisper croon
crooned crosier crossed crosser crosses crossly crowd crows crude culling curry cushion
customise customize cutlets cycling dabbler daemon dashed dashes dawdler defence defenced
defences defended defends defense defensed defenses delude deluge depended derange devalue
deviate deviled devilled devolve diploma diplomacy diplomas diplomata diplomatic discover
discovered discovers dismantle dodged dodger ducat ducats dusted dustier eaglet easel
eclipsed economise economize educator eighth eighty elation elected election elective elector
electoral electors electric electron elegant elemental elevating elevator elevens eleventh
ellipse ellipses elopement emirs employer empress emulator enclose encode encored encourage
encouraged encourages endeavored endeavour endeavours energy engrave enjoy enlists enquire
enquired enquires enquiry enslave enslaved enslaves equated equates equation equine equines
equinoxes escalate escalated escalates escapade escapades escaped evaluation evasion excess
exclusion execute executing execution exile expediting expel expels experts expires explode
exploded explodes explore explored explores exporter exposes exposition expressed expresses
expressly expulsion festival festivals festive fiery fireside fisher flagged flail flailed
flaked flamed flanked flapped flared flashback flashed flatted flatten flatter flawed
fleeting flitted floated fluted force foresee foreseen foresees forested forestry forests
forever forge formal formals formulae formulate forth forts forty franking frankly freelance
fresher fronted fronting frostier frothier fruitier gallant gelding genera generally generate
generic generics geneses genetic genetics genital gilding glowing goading golfing granola
granted granule graphite gravity grenade hammer highland highlands holder horned hummed
hunchback hurts impale impales impartial impasse imperil imperils impress impulsed impulsive
indicts infinite infinities infinitive infinity innocence innocent innocently innocents
integer integers integral integrals integrate intrigued jetty journal journeyed justly kinks
lager lamer lance lanced lances lander lands lanes lasagne later laxer layer leans lemons
liberal liberate lifted lighted lilted limits limped listed lobbed locale locus lodged logged
longed longer loser lounged louts loyal loyaler lunged lurid lyric macerate macros magenta
magnetic magnetise magnetism magnets mailing mainland mantra marcher margin marinas marine
marines marquee marquees martin maxim maximal maxims mercuric meters metre microbe microbes
milliner milliners millinery minimal minion misting moment momentous moments monarchy monster
monsters mountaineered mushing mussing mustard navigate navigated navigates navigation
newborn nobler nobly oases operand optimal outdoor overhand overhands overhang overlaid
overlain overlap overlaps overlay overlays overload overlong overran paced paces pacific
pacified pacifier pacifies pacifism pacifist package packaged packer packers pagan pagans
pager paler panacea paper password patriotic patron payer perkier petrol pints pivot placard
plating polar polarise polarised polarises polarity polarize polarizes pollster polyester
pontiff poplars porches precede precedent precise preciser preclude precluded precludes
prefer premiere premiered premieres premise premised premises present preserved preside
presided presidency presides presiding presume prettier preview pries primer primmer prism
privier prize probed problem proffer prompter prone prose prosper protect protein protest
prouder prove prowled rabbi rabbis rabbles radial radials radiant radically raided rainiest
raining ramble rambled rambles ranched rancher ranchers ranches range ranged ranges ranker
rapid rapider rapids raster rattler really receive redesign redesigns referee regale regatta
regents relax relaxant relegate relevant reliance remnant rendezvoused rendezvouses renegaded
renege reneged repaint repay repel replay reserved resign resigns resolve restive revel
revere reverie reverse rider riled riles river roasted robuster roger rooster roster rouge
roved roves rower rumbled rumbles runnier sabre sateen satellited savor savory savvy scalp
scaring scarlet schoolboy schoolboys schools scoot scope scoring scour scrabble scramble
scrambled scrambles sealing seaming searing seaside seating securing seeding seedling seeking
seeming seeping seizing selling semen sending sensing sentry servile serving setting settling
sever severing shadowy sharing shark shearing sheering shelling shift shinier shirted shored
shoring shortage shortages shorted shorten shortened shorter shorts shuttles
sibling signer silhouetted silvered singe singed singes sinker sinner smearing smelling
snaring snarled snarling sneering snider snoring snorted snorts snout soaring sobbing
sobering softball solar sorted souring southward spacial spank spare sparing spars spatial
spearing specially specialty species specify specter specters spectre spectres spelling
spinster spite spleen splint splinted splinter splinters spores sported spout spouts spring
springier sprinkler sprinted spurts squinter stable stabled stabler stables stablest stabling
stagger stalest staling stalled stalling stallion stamp stapled stapler staples stapling
stardom starfish staring stark starker starkest starling starlings starred starrier starring
start started starter starting startle startled startles startling starved starves starving
station stations statues status stealing stealthy steaming steeling steeping steer steering
stemming stepping stewing sticker stiffer stifling stiller stilling stingier stingy stinted
stirring stonier storage store storing stork storming stormy story stout strains straits
strands stranger stratum strewing stricter stringier stronger style styles styling subbing
sublimer submit suburbs suffice sullener sunburn sunnier sunrise superb superber supremely
surlier surplus swamp swearing swelling swerving swinger swirling tackier tarring teacher
tearing tempers temples tempt tensest tenuring terrace terracing tersest thicker think thins
third thong tiring toeing toiling tolling tombing tonal toning tooling tooting topping
torment torments tornado torturing tossing toting totting touching toured tourist tousling
touting towering towing toying trace traced traces tracked tractor trader traders trailer
trainer transact transfer transformer transient transited transmit transmits transport
transported transports transverse trapper travels traversed trawler tricked trickery trickier
triumphal triumphed trooped trouped troupes trouping trouser trucked truing tubing tumor
tuning turfing turning tutor tying typhoid ultimately ultimatum vagrant vanquished vanquishes
variant variants ventured verse vetted viceroy victor victories victors vigour viler village
villages vintage vintages visor voltage voyage voyaged voyages vulture warfare wedlock
wildernesses wildest wildness wills windier wrangle wrangled wrangles wrath wringer wronger
yards yarns`;

const ORDINARY: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/));

/**
 * Whether a word, in small letters, is an ordinary one that only looks like a name: it is never corrected to it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.ok(isOrdinaryWord("river"));
 * assert.ok(!isOrdinaryWord("frontoer"));
 * ```
 */
export function isOrdinaryWord(word: string): boolean {
  return ORDINARY.has(word);
}
