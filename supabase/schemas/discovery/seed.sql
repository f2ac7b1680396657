select private.add_lease('listing_feeds');
