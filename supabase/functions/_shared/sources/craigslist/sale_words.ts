/** Words of a sale, of a kind of vehicle or of its state: where a name is looked for, they are none. */
const WORDS = new Set(
  ("for,sale,with,w,and,or,the,a,an,in,of,to,at,on,my,no,not,is,has,low,high,miles,mile,mileage,clean,title,runs,run,running,great,good,nice," +
    "very,super,excellent,condition,must,see,one,owner,obo,new,used,truck,trucks,car,cars,pickup,suv,van,bus,wagon,sedan,coupe,automatic,auto,manual," +
    "gas,diesel,hybrid,4x4,awd,4wd,2wd,speed,engine,motor,trans,transmission,project,parts,roller,rebuilt,salvage,price,reduced,firm,cash,only," +
    "loaded,fully,leather,classic,custom,lifted,trade,trades,call,text,best,offer,works,needs,work,cold,ac,air,cheap,reliable,beautiful,vehicle,v6,v8,v10," +
    "door,doors,dr,cummins,hemi,powerstroke,duramax,triton,vortec,turbo,red,blue,black,white,silver,grey,gray,green,gold,tan,brown,rare,original,all,like,clear,garage,kept,family,commercial,semi,dump,box," +
    "5th,fifth,wheel,wheels,wheeler,travel,trailer,trailers,camper,campers,toy,hauler,motorhome,motorhomes,rv,bumper,pull,popup,pop,up,street,legal,golf,cart,carts,kart,snowmobile,sled,boat,utv,atv,quad,kit,replica," +
    "motorcycle,motorcycles,bike,scooter,moped,chopper,bobber,trike,tractor,mower,buggy,rod,limo,limousine,hearse,ambulance,taxi,tow,utility,enclosed,flatbed,food,school,shuttle,party,fire,bucket," +
    "old,older,antique,vintage,restored,unrestored,immaculate,pristine,mint,perfect,stunning,gorgeous,amazing,awesome,sharp,sweet,cool,solid,strong,sporty,lowered,turbocharged,supercharged,modified,stock,showroom,barn,find,survivor," +
    "yellow,orange,purple,maroon,burgundy,beige,pearl,metallic,dark,light,bright,orig,numbers,matching,single,two,three,four,local,private,estate,moving,quick,urgent,priced,special,sold,pending,available,financing,finance,warranty," +
    "chassis,cab,crew,this,that,it,as,any,other,misc,various,unknown,none,see,below,description,ask,make,model,year,we,buy,i,your,you,our,from,by,be,will,can,just,fresh,recent,recently,today,now,south,north,carolina,texas,florida,california")
    .split(","),
);

/** Whether a word (`keyOf` it) says something of the sale, and names nothing. */
export const isSaleWord = (key: string): boolean => WORDS.has(key);
