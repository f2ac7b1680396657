/**
 * Models by make, as their makers write them; further spellings stand behind "=". Spaces, hyphens
 * and case do not count when they are looked up. Names made of a letter code and a number are
 * rules in `models.ts`. Not complete: an unknown model is read as it is written, less surely.
 */
export const MODEL_NAMES: Readonly<Record<string, string>> = {
  "Acura":
    "Integra, Legend, Vigor, RDX, MDX, ZDX, TL, TSX, TLX, ILX, RL, RLX, CL, RSX, NSX, ADX, SLX",
  "Alfa Romeo": "Giulia, Giulietta, Stelvio, 4C, Spider, GTV, GTV6, Milano, 164, Tonale, Alfetta",
  "AMC":
    "Javelin, Gremlin, Pacer, Hornet, Eagle, Matador, Ambassador, AMX, Concord, Spirit, Marlin, Rebel, Rogue",
  "Aston Martin": "DB5, DB7, DB9, DB11, Vantage, Rapide, DBS, Vanquish, Virage, DBX",
  "Audi":
    "A3, A4, A5, A6, A7, A8, S3, S4, S5, S6, S7, S8, RS3, RS4, RS5, RS6, RS7, RS Q8, Q3, Q4, Q5, Q7, Q8, SQ5, SQ7, SQ8, TT, TTS, TT RS, R8, Allroad, e-tron, 80, 90, 100, 200, 5000, Cabriolet, Quattro",
  "Austin-Healey": "3000, 100-6, Sprite",
  "Bentley": "Continental, Continental GT, Flying Spur, Arnage, Bentayga, Azure, Mulsanne, Turbo R",
  "BMW":
    "1 Series, 2 Series, 3 Series, 4 Series, 5 Series, 6 Series, 7 Series, 8 Series, 2002, M2, M3, M4, M5, M6, M8, X1, X2, X3, X4, X5, X6, X7, XM, X3 M, X4 M, X5 M, X6 M, Z1, Z3, Z4, Z8, i3, i4, i5, i7, i8, iX, M Coupe, M Roadster",
  "Buick":
    "Regal, Grand National, LeSabre=Le Sabre, Century, Park Avenue, Lucerne, LaCrosse=La Crosse, Enclave, Encore, Encore GX, Envision, Envista, Rendezvous, Rainier, Terraza, Riviera, Skylark, Skyhawk, Electra, Roadmaster, Wildcat, GSX, Gran Sport, Verano, Cascada, Special, Invicta, Reatta, Estate Wagon, Apollo",
  "Cadillac":
    "Escalade, Escalade ESV, Escalade EXT, CTS, CTS-V, ATS, ATS-V, XTS, STS, DTS, SRX, XT4, XT5, XT6, CT4, CT5, CT6, DeVille=De Ville, Coupe DeVille=Coupe de Ville, Sedan DeVille=Sedan de Ville, Eldorado, Seville, Fleetwood, Fleetwood Brougham, Brougham, Catera, Allante, XLR, XLR-V, STS-V, CT4-V, CT5-V, LaSalle, Calais, Series 62, ELR, Lyriq, Cimarron",
  "Chevrolet":
    "Silverado, Silverado 1500, Silverado 2500, Silverado 2500HD, Silverado 3500, Silverado 3500HD, Colorado, Avalanche, Tahoe, Suburban, Blazer, K5 Blazer, S-10, S-10 Blazer, Trailblazer=Trail Blazer, Equinox, Traverse, Trax, Captiva, HHR, Camaro, Corvette=Vette, Malibu, Malibu Maxx, Impala, Monte Carlo, Chevelle, Caprice, Caprice Classic, Bel Air=Belair, Nova, Chevy II, El Camino, Cavalier, Cobalt, Cruze, Sonic, Spark, Aveo, Volt, Bolt, Bolt EV, Bolt EUV, Lumina, Lumina APV, Corsica, Beretta, Celebrity, Citation, Chevette, Vega, Monza, Astro, Astro Van, Express, Venture, Uplander, Corvair, Biscayne, Fleetline, Fleetmaster, Styleline, 150, 210, 3100, 3600, 3800, Apache, LUV, SSR, Tracker, Metro, Prizm, Deluxe, Master Deluxe, Stylemaster, Kodiak, Low Cab Forward, City Express, Cheyenne, Scottsdale, Nomad, Kingswood, Cosworth Vega, Sport Van, Beauville",
  "Chrysler":
    "300, 300C, 300M, 300S, Town & Country=Town and Country, Pacifica, PT Cruiser, Sebring, 200, Crossfire, Aspen, Voyager, Grand Voyager, Concorde, LHS, New Yorker, Fifth Avenue, Cordoba, LeBaron=Le Baron, Cirrus, Imperial, Newport, Windsor, Royal, Prowler, Conquest, Saratoga",
  "Citroen": "2CV, DS, SM, Traction Avant, HY",
  "Daewoo": "Lanos, Leganza, Nubira",
  "Datsun": "240Z, 260Z, 280Z, 280ZX, 510, 521, 620, 720, 1200, 1600, 2000, B210, Roadster",
  "De Tomaso": "Pantera, Longchamp, Deauville",
  "DeLorean": "DMC-12",
  "Dodge":
    "Charger, Challenger, Durango, Journey, Grand Caravan, Caravan, Dakota, Ram, Ram 1500, Ram 2500, Ram 3500, Ram 4500, Ram 5500, Ram 50, Ram 100, Ram 150, Ram 250, Ram 350, Ram Van, Ram Charger=Ramcharger, Ram SRT-10, Nitro, Caliber, Avenger, Dart, Neon, SRT-4, Stratus, Intrepid, Magnum, Viper, Stealth, Spirit, Shadow, Dynasty, Daytona, Omni, Aries, Coronet, Super Bee, Polara, Monaco, Diplomat, D100, D150, D200, D250, D350, W100, W150, W200, W250, W350, Power Wagon, Sprinter, Sprinter 2500, Sprinter 3500, Colt, Lancer, Aspen, Hornet, Little Red Express, A100, Demon, Raider, B150, B250, B350, Conquest, Wayfarer, Royal",
  "Eagle": "Talon, Vision, Premier, Summit",
  "Ferrari":
    "308, 328, 348, 355, F355, 360, 430, F430, 458, 488, California, Testarossa, Mondial, 550, 575, 599, 612, F12, FF, Portofino, Roma, 296, SF90, Dino, 456",
  "Fiat": "500, 500L, 500X, 500e, 124, 124 Spider, Spider, X1/9, 850, 600, 2000, Abarth, Panda",
  "Fisker": "Karma, Ocean",
  "Fleetwood": "Bounder, Southwind, Tioga, Jamboree, Pace Arrow, Flair, Discovery, Storm",
  "Ford":
    "F-1, F-100, F-150, F-250, F-350, F-450, F-550, F-600, F-650, F-700, F-750, F-800, F-900, L8000, LN7000, LN8000, E-150, E-250, E-350, E-450, E-550, Econoline, Econoline 150=Econoline E-150, Econoline 250=Econoline E-250, Econoline 350=Econoline E-350, Club Wagon, Transit, Transit Connect, Transit 150, Transit 250, Transit 350, Ranger, Maverick, Explorer, Explorer Sport Trac, Explorer Sport, Expedition, Expedition EL, Expedition Max, Excursion, Escape, Edge, Flex, Bronco, Bronco II=Bronco 2, Bronco Sport, EcoSport, Mustang, Mustang Mach-E, Mustang Cobra, Shelby GT500=GT500, Shelby GT350=GT350, Thunderbird=T-Bird, Focus, Fusion, Fiesta, Taurus, Taurus X, Five Hundred=500, Freestyle, Freestar, Windstar, Aerostar, Crown Victoria=Crown Vic, LTD, LTD Crown Victoria, Galaxie, Galaxie 500, Fairlane, Falcon, Torino, Gran Torino, Ranchero, Pinto, Escort, Contour, Tempo, Probe, Festiva, Aspire, C-Max, GT, GT40, Model A=A Model, Model T=T Model, Model B, Granada, Fairmont, Customline, Custom, Custom Deluxe, Crestline, Courier, Deluxe, Tudor, Fordor, Victoria, Sunliner, Mainline, EXP, Cargo, Raptor, Country Squire",
  "Freightliner":
    "Cascadia, Columbia, Coronado, Century, Century Class, M2, M2 106, M2 112, FL50, FL60, FL70, FL80, FL106, FL112, FL120, FLD120, FLD112, Classic XL, Sprinter, Argosy, MT45, MT55, Business Class",
  "Genesis": "G70, G80, G90, GV60, GV70, GV80",
  "Geo": "Metro, Tracker, Prizm, Storm, Spectrum",
  "GMC":
    "Sierra, Sierra 1500, Sierra 2500, Sierra 2500HD, Sierra 3500, Sierra 3500HD, Sierra Classic, Yukon, Yukon XL, Yukon XL 1500, Yukon XL 2500, Denali, Acadia, Terrain, Canyon, Envoy, Envoy XL, Envoy XUV, Jimmy, S-15, S-15 Jimmy, Sonoma, Safari, Savana, Savana 1500, Savana 2500, Savana 3500, Suburban, Vandura, Rally, Syclone, Typhoon, Sprint, Caballero, Hummer EV, TopKick=Top Kick, High Sierra, Sierra Grande, 100, General, Brigadier",
  "Harley-Davidson":
    "Sportster, Softail, Dyna, Road King, Street Glide, Electra Glide, Ultra Classic, Road Glide, Fat Boy, Fat Bob, Heritage Softail, Iron 883, Night Train, V-Rod, Low Rider, Wide Glide, Tri Glide, Super Glide",
  "Honda":
    "Accord, Accord Crosstour, Crosstour, Civic, Civic del Sol, Del Sol, CR-V, HR-V, Pilot, Odyssey, Element, Fit, Insight, Ridgeline, Passport, Prelude, CRX=CR-X, S2000, CR-Z, Clarity, Prologue, Gold Wing=Goldwing, Shadow, Rebel, Acty, Beat, CBR600, CBR1000, Ruckus, Grom, Today, N600",
  "Hummer": "H1, H2, H2 SUT, H3, H3T",
  "Hyundai":
    "Accent, Elantra, Elantra GT, Elantra Touring, Elantra N, Sonata, Santa Fe, Santa Fe Sport, Santa Fe XL, Santa Cruz, Tucson, Veloster, Azera, Genesis, Genesis Coupe, Equus, Entourage, Kona, Palisade, Venue, Ioniq, Ioniq 5, Ioniq 6, XG350, XG300, Tiburon, Veracruz, Scoupe, Excel, Nexo",
  "Infiniti":
    "G20, G25, G35, G35x, G37, G37x, I30, I35, J30, M30, M35, M35x, M37, M37x, M45, M56, Q40, Q45, Q50, Q60, Q70, Q70L, QX4, QX30, QX50, QX55, QX56, QX60, QX70, QX80, EX35, EX37, FX35, FX37, FX45, FX50, JX35",
  "International Harvester":
    "Scout, Scout II, Scout 80, Scout 800, Travelall, 4300, 4400, 4700, 4900, 7400, 7600, 8600, 9200, 9400, 9400i, 9900, 9900i, ProStar, LoneStar, Lonestar, DuraStar, WorkStar, TranStar, Paystar, S1900, Loadstar, 3800, LT, MV, HV",
  "Isuzu":
    "Trooper, Rodeo, Rodeo Sport, Amigo, Axiom, Ascender, Hombre, Pickup, Pup, VehiCROSS, NPR, NPR-HD, NQR, NRR, FTR, FRR, Impulse, i-290, i-370, Stylus, Oasis",
  "Jaguar":
    "XJ, XJ6, XJ8, XJ12, XJL, XJR, XJS, XK, XK8, XKR, XKE, XF, XE, S-Type, X-Type, E-Type, F-Type, F-Pace, E-Pace, I-Pace, Vanden Plas, Mark II, XK120, XK140, XK150",
  "Jeep":
    "Wrangler, Wrangler Unlimited, Wrangler JK, Wrangler TJ, Wrangler YJ, Grand Cherokee, Grand Cherokee L, Cherokee, Cherokee Chief, Liberty, Compass, Patriot, Renegade, Commander, Commando, Gladiator, Wagoneer, Grand Wagoneer, Comanche, CJ-5, CJ-6, CJ-7, CJ-8, CJ-2A, CJ-3A, CJ-3B, CJ, Scrambler, Willys, J10, J20, J-10, DJ-5, Jeepster, YJ, TJ, JK",
  "Kia":
    "Rio, Forte, Forte5, Optima, Soul, Sorento, Sportage, Sedona, Carnival, Cadenza, K900, K4, K5, Stinger, Telluride, Seltos, Niro, Spectra, Spectra5, Sephia, Rondo, Amanti, Borrego, EV6, EV9, Magentis",
  "Lamborghini": "Gallardo, Huracan, Murcielago, Aventador, Diablo, Countach, Urus, Espada",
  "Land Rover":
    "Range Rover, Range Rover Sport, Range Rover Evoque=Evoque, Range Rover Velar=Velar, Discovery, Discovery II, Discovery Sport, LR2, LR3, LR4, Defender, Defender 90, Defender 110, Freelander, Series III, Series IIA",
  "Lincoln":
    "Town Car, Continental, Continental Town Car, Navigator, Navigator L, Aviator, MKZ, MKX, MKS, MKT, MKC, Mark VIII, Mark VII, Mark VI, Mark V, Mark IV, Mark III, Mark LT, LS, Zephyr, Nautilus, Corsair, Blackwood, Versailles",
  "Lotus": "Elise, Exige, Esprit, Evora, Elan, Europa, Emira, Seven",
  "Mack": "CH613, CX613, CXU613, Granite, Pinnacle, Anthem, Vision, R600, Midliner",
  "Maserati": "Ghibli, Quattroporte, GranTurismo, Levante, Spyder, Coupe, Biturbo, Grecale, MC20",
  "Mazda":
    "Mazda2, Mazda3=3, Mazda5=5, Mazda6=6, Mazdaspeed3=Mazdaspeed 3, Mazdaspeed6, CX-3, CX-30, CX-5, CX-50, CX-7, CX-9, CX-90, MX-5, MX-5 Miata, Miata, RX-7, RX-8, MX-6, MX-3, 626, 929, 323, Protege, Protege5, Tribute, MPV, Millenia, B2000, B2200, B2300, B2500, B2600, B3000, B4000, Navajo, GLC, Cosmo",
  "Mercury":
    "Grand Marquis, Marquis, Mountaineer, Mariner, Milan, Montego, Monterey, Sable, Villager, Cougar, Mystique, Tracer, Topaz, Capri, Comet, Cyclone, Marauder, Colony Park, Park Lane, Monarch, Eight, Lynx, Zephyr",
  "MG": "MGB, MGB GT, MGA, Midget, TD, TC, TF, MGC",
  "Mini":
    "Cooper, Cooper S, Cooper Countryman, Cooper S Countryman, Cooper Clubman, Cooper S Clubman, Cooper Coupe, Cooper Roadster, Cooper Paceman, Countryman, Clubman, Paceman, Hardtop, John Cooper Works",
  "Mitsubishi":
    "Eclipse, Eclipse Spyder, Eclipse Cross, Lancer, Lancer Evolution=Evolution=Evo, Galant, Outlander, Outlander Sport, Montero, Montero Sport, Endeavor, Mirage, Mirage G4, Diamante, 3000GT, Raider, i-MiEV, Fuso, Fuso FE, Fuso FG, Fuso FK, Mighty Max, Starion, Delica, Pajero, Expo, RVR, Precis",
  "Nissan":
    "Altima, Sentra, Maxima, Versa, Versa Note, Rogue, Rogue Sport, Rogue Select, Murano, Murano CrossCabriolet, Pathfinder, Armada, Pathfinder Armada, Xterra=X-Terra, Frontier, Titan, Titan XD, Kicks, Juke, Cube, Leaf, Quest, 350Z, 370Z, 300ZX, 240SX, 200SX, Z, GT-R, Skyline, Hardbody, Pickup, D21, NV200, NV1500, NV2500, NV3500, NV, Stanza, Axxess, Pulsar, Ariya, 280ZX, Silvia, Patrol, Figaro, UD",
  "Oldsmobile":
    "Cutlass, Cutlass Supreme, Cutlass Ciera, Cutlass Calais, 442=4-4-2, 88=Delta 88=Eighty-Eight, 98=Ninety-Eight, Alero, Aurora, Bravada, Intrigue, Silhouette, Achieva, Toronado, Vista Cruiser, Custom Cruiser, Omega, Starfire, LSS, Regency, F-85, Hurst",
  "Packard": "Clipper, Patrician, Caribbean, 120, Super Eight",
  "Peterbilt":
    "387, 379, 389, 386, 384, 378, 377, 359, 357, 362, 365, 367, 330, 335, 337, 348, 579, 567",
  "Kenworth": "T600, T660, T680, T800, T880, T2000, T270, T300, T370, W900, W900L, W990, K100",
  "Plymouth":
    "Barracuda, Cuda, Road Runner=Roadrunner, Satellite, GTX, Duster, Valiant, Fury, Belvedere, Voyager, Grand Voyager, Neon, Breeze, Prowler, Acclaim, Sundance, Laser, Horizon, Scamp, Volare, Special Deluxe, Savoy, Colt, Superbird",
  "Pontiac":
    "Firebird, Firebird Formula, Trans Am=Transam, Firebird Trans Am, GTO, Grand Am, Grand Prix, Bonneville, G5, G6, G8, Vibe, Solstice, Aztek, Montana, Trans Sport, Sunfire, Sunbird, Fiero, LeMans=Le Mans, Catalina, Tempest, Ventura, Star Chief, Chieftain, Parisienne, Safari, Torrent, Grand Ville, 6000, Phoenix, 2+2",
  "Porsche":
    "911, 912, 914, 924, 928, 930, 944, 968, 964, 993, 996, 997, 991, Boxster, Boxster S, Cayman, Cayman S, Cayenne, Macan, Panamera, Taycan, 356, 718, 718 Boxster, 718 Cayman, Carrera GT",
  "Ram":
    "1500, 1500 Classic, 2500, 3500, 4500, 5500, ProMaster, ProMaster City, ProMaster 1500, ProMaster 2500, ProMaster 3500, C/V, Dakota",
  "Rambler": "Marlin, American, Classic, Ambassador, Rebel",
  "Rolls-Royce":
    "Silver Shadow, Silver Spur, Silver Cloud, Silver Wraith, Phantom, Ghost, Wraith, Corniche, Cullinan, Dawn",
  "Rivian": "R1T, R1S",
  "Saab": "9-3, 9-5, 9-2X, 9-7X, 900, 9000, 96, Sonett",
  "Saturn":
    "Ion, Vue, Aura, Outlook, Sky, Relay, L200, L300, LS, LS1, LW300, SC1, SC2, SL, SL1, SL2, SW1, SW2, Astra",
  "Scion": "tC, xB, xA, xD, FR-S, iQ, iA, iM",
  "Smart": "Fortwo=For Two",
  "Studebaker": "Lark, Hawk, Champion, Commander, Avanti, President, Golden Hawk, Silver Hawk",
  "Subaru":
    "Outback, Outback Sport, Legacy, Legacy GT, Legacy Outback, Impreza, Impreza WRX, Impreza WRX STI, WRX, WRX STI, STI, Forester, Crosstrek, XV Crosstrek, Ascent, Tribeca, B9 Tribeca, BRZ, Baja, SVX, Brat, Justy, Loyale, Solterra, GL, Sambar, Wilderness",
  "Suzuki":
    "Vitara, Grand Vitara, XL-7, SX4, Kizashi, Equator, Aerio, Forenza, Reno, Verona, Samurai, Sidekick, Swift, Esteem, Carry, Jimny, X-90, Hayabusa, GSX-R600, GSX-R750, GSX-R1000, Boulevard, Cappuccino",
  "Tesla": "Model S, Model 3, Model X, Model Y, Cybertruck, Roadster",
  "Thomas": "School Bus, Saf-T-Liner, Minotour",
  "Toyota":
    "Camry, Camry Solara, Camry Hybrid, Solara, Corolla, Corolla Hatchback, Corolla iM, Corolla Cross, Avalon, Prius, Prius V, Prius C, Prius Prime, Prius Plug-in, Yaris, Yaris iA, Matrix, Echo, Tercel, Paseo, Celica, Supra, GR Supra, MR2, MR2 Spyder, 86, GR86, GR Corolla, RAV4, RAV4 Prime, RAV4 Hybrid, Highlander, Highlander Hybrid, Grand Highlander, 4Runner=4 Runner=Forerunner, Sequoia, Land Cruiser=Landcruiser, FJ Cruiser, FJ40, FJ60, FJ62, FJ80, Venza, Sienna, Previa, Tacoma, Tundra, T100, Pickup, SR5 Pickup, C-HR, bZ4X, Crown, Cressida, Corona, Mirai, Hilux, Van, Starlet, Hiace, Sera",
  "Triumph": "TR3, TR4, TR6, TR7, TR8, Spitfire, GT6, Stag, Bonneville, Herald",
  "Volkswagen":
    "Jetta, Jetta SportWagen, Jetta GLI, GLI, Golf, Golf R, Golf SportWagen, Golf Alltrack, GTI, Golf GTI, R32, Passat, Passat CC, CC, Beetle, New Beetle, Super Beetle, Bug, Bus, Type 2, Vanagon, Eurovan, Westfalia, Thing, Karmann Ghia, Rabbit, Cabrio, Cabriolet, Corrado, Scirocco, Fox, Dasher, Touareg=Toureg=Touraeg, Tiguan, Tiguan Limited, Atlas, Atlas Cross Sport, Taos, Routan, Eos, Phaeton, Arteon, ID.4, ID Buzz, e-Golf, Squareback, Fastback, Transporter, Microbus",
  "Volvo":
    "S40, S60, S70, S80, S90, S60R, V70R, V40, V50, V60, V70, V90, XC40, XC60, XC70, XC90, C30, C70, 122, 142, 144, 145, 164, 240, 242, 244, 245, 260, 740, 760, 780, 850, 940, 960, P1800, PV444, PV544, 1800S, 1800ES, 544, VNL, VNM, VNR, VHD, Amazon",
  "Winnebago": "Adventurer, Brave, Chieftain, Minnie Winnie, View, Rialta, Vista, LeSharo",
  "Willys": "Jeep, MB, CJ-2A, CJ-3A, CJ-3B, Aero, Wagon, Pickup, Jeepster, M38",
};

/**
 * Names of models that are also words of any sale, or too short to stand for a model by themselves:
 * they name a make only when they follow the model year at once.
 */
export const COMMON_WORDS: readonly string[] =
  ("accent,amazon,american,apollo,ascent,aspire,atlas,aura,beat,bolt,breeze,bug,bus,cargo,century," +
    "champion,charger,city express,classic,colt,comet,commander,compass,concord,conquest,contour," +
    "coupe,courier,crown,cube,custom,dart,dawn,deluxe,demon,denali,discovery,eagle,echo,edge,eight," +
    "element,encore,escape,escort,excel,express,exp,fit,flex,focus,fox,freestyle,frontier,fury," +
    "fusion,fleetwood,general,ghost,granite,gt,hardtop,hawk,horizon,imperial,insight,ion,jeep,journey,juke," +
    "king,laser,leaf,legacy,legend,liberty,lynx,magnum,marathon,matrix,metro,mirage,monarch,neon," +
    "new yorker,nitro,note,nova,ocean,omega,omni,optima,outback,outlook,pacer,passport,patriot," +
    "phantom,phoenix,pickup,pilot,pinnacle,president,probe,pulsar,quest,rabbit,ram,ranger,rebel," +
    "regal,regency,relay,renegade,rio,roadster,rogue,royal,safari,scout,shadow,sky,solstice,sonic," +
    "soul,spark,special,spectrum,spider,spirit,sprint,spyder,stealth,storm,summit,super,swift," +
    "temp,tempo,terrain,thing,titan,today,torrent,tracker,transit,transporter,van,venture,venue," +
    "vibe,vision,volt,voyager,wagon,wilderness,zephyr,cherokee,capri,general,montana,malibu,denali," +
    "quattro,tl,cl,rl,ls,sl,td,tc,tf,sm,ds,hv,mv,lt,nv,z,tt,i3,i4,i5,i7,ix,xm,3,5,6,80,90,100,200,500")
    .split(
      ",",
    );
