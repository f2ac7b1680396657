// Generated from the migrations; `deno task check --write --only generated` renews it.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "auction_bids": {
        Row: {
          "amount": number;
          "auction_event_id": string;
          "bidder": string | null;
          "currency": string | null;
          "placed_at": string | null;
          "source_id": string;
        };
        ComputedFields: never;
        Insert: {
          "amount": number;
          "auction_event_id": string;
          "bidder"?: string | null;
          "currency"?: string | null;
          "placed_at"?: string | null;
          "source_id": string;
        };
        Update: {
          "amount"?: number;
          "auction_event_id"?: string;
          "bidder"?: string | null;
          "currency"?: string | null;
          "placed_at"?: string | null;
          "source_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "auction_bids_auction_event_id_fkey";
            columns: ["auction_event_id"];
            isOneToOne: false;
            referencedRelation: "auction_events";
            referencedColumns: ["id"];
          },
        ];
      };
      "auction_comments": {
        Row: {
          "auction_event_id": string;
          "author": string | null;
          "body": string;
          "is_seller": boolean | null;
          "posted_at": string | null;
          "source_id": string;
        };
        ComputedFields: never;
        Insert: {
          "auction_event_id": string;
          "author"?: string | null;
          "body": string;
          "is_seller"?: boolean | null;
          "posted_at"?: string | null;
          "source_id": string;
        };
        Update: {
          "auction_event_id"?: string;
          "author"?: string | null;
          "body"?: string;
          "is_seller"?: boolean | null;
          "posted_at"?: string | null;
          "source_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "auction_comments_auction_event_id_fkey";
            columns: ["auction_event_id"];
            isOneToOne: false;
            referencedRelation: "auction_events";
            referencedColumns: ["id"];
          },
        ];
      };
      "auction_events": {
        Row: {
          "bid_count": number | null;
          "buyer": string | null;
          "comment_count": number | null;
          "created_at": string;
          "currency": string | null;
          "ends_at": string | null;
          "high_bid": number | null;
          "id": string;
          "lot_number": string | null;
          "no_reserve": boolean | null;
          "outcome": string;
          "page_at": string;
          "reserve_met": boolean | null;
          "sale_price": number | null;
          "seller": string | null;
          "source_url": string;
          "starts_at": string | null;
          "updated_at": string;
          "vehicle_id": string;
          "view_count": number | null;
          "watcher_count": number | null;
        };
        ComputedFields: never;
        Insert: {
          "bid_count"?: number | null;
          "buyer"?: string | null;
          "comment_count"?: number | null;
          "created_at"?: string;
          "currency"?: string | null;
          "ends_at"?: string | null;
          "high_bid"?: number | null;
          "id"?: string;
          "lot_number"?: string | null;
          "no_reserve"?: boolean | null;
          "outcome": string;
          "page_at"?: string;
          "reserve_met"?: boolean | null;
          "sale_price"?: number | null;
          "seller"?: string | null;
          "source_url": string;
          "starts_at"?: string | null;
          "updated_at"?: string;
          "vehicle_id": string;
          "view_count"?: number | null;
          "watcher_count"?: number | null;
        };
        Update: {
          "bid_count"?: number | null;
          "buyer"?: string | null;
          "comment_count"?: number | null;
          "created_at"?: string;
          "currency"?: string | null;
          "ends_at"?: string | null;
          "high_bid"?: number | null;
          "id"?: string;
          "lot_number"?: string | null;
          "no_reserve"?: boolean | null;
          "outcome"?: string;
          "page_at"?: string;
          "reserve_met"?: boolean | null;
          "sale_price"?: number | null;
          "seller"?: string | null;
          "source_url"?: string;
          "starts_at"?: string | null;
          "updated_at"?: string;
          "vehicle_id"?: string;
          "view_count"?: number | null;
          "watcher_count"?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: "auction_events_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "auction_events_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "auction_events_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "auction_events_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "auction_events_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "auction_events_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "audit_readings": {
        Row: {
          "drawn_at": string;
          "extraction_id": number;
          "probability": number;
          "week": string;
        };
        ComputedFields: never;
        Insert: {
          "drawn_at"?: string;
          "extraction_id": number;
          "probability": number;
          "week": string;
        };
        Update: {
          "drawn_at"?: string;
          "extraction_id"?: number;
          "probability"?: number;
          "week"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "audit_readings_extraction_id_fkey";
            columns: ["extraction_id"];
            isOneToOne: true;
            referencedRelation: "audit_sample";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "audit_readings_extraction_id_fkey";
            columns: ["extraction_id"];
            isOneToOne: true;
            referencedRelation: "extraction_conflicts";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "audit_readings_extraction_id_fkey";
            columns: ["extraction_id"];
            isOneToOne: true;
            referencedRelation: "extraction_metadata";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "audit_readings_extraction_id_fkey";
            columns: ["extraction_id"];
            isOneToOne: true;
            referencedRelation: "low_confidence_extractions";
            referencedColumns: ["id"];
          },
        ];
      };
      "backfill_queue": {
        Row: {
          "attempts": number;
          "blocked_days": number;
          "changes_detected": NonNullable<Json>;
          "created_at": string;
          "error_message": string | null;
          "fields_updated": (string)[];
          "fields_wanted": (string)[];
          "id": string;
          "last_blocked_on": string | null;
          "lease_expires_at": string | null;
          "lease_token": string | null;
          "max_attempts": number;
          "next_attempt_at": string | null;
          "outcome_code": string | null;
          "priority": number;
          "processed_at": string | null;
          "read_by_version": string | null;
          "reason": string;
          "reextract": boolean;
          "scraper_version_id": string | null;
          "source_url": string | null;
          "status": string;
          "triggered_by": string;
          "vehicle_id": string;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "blocked_days"?: number;
          "changes_detected"?: NonNullable<Json>;
          "created_at"?: string;
          "error_message"?: string | null;
          "fields_updated"?: (string)[];
          "fields_wanted"?: (string)[];
          "id"?: string;
          "last_blocked_on"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "max_attempts"?: number;
          "next_attempt_at"?: string | null;
          "outcome_code"?: string | null;
          "priority"?: number;
          "processed_at"?: string | null;
          "read_by_version"?: string | null;
          "reason": string;
          "reextract"?: boolean;
          "scraper_version_id"?: string | null;
          "source_url"?: string | null;
          "status"?: string;
          "triggered_by"?: string;
          "vehicle_id": string;
        };
        Update: {
          "attempts"?: number;
          "blocked_days"?: number;
          "changes_detected"?: NonNullable<Json>;
          "created_at"?: string;
          "error_message"?: string | null;
          "fields_updated"?: (string)[];
          "fields_wanted"?: (string)[];
          "id"?: string;
          "last_blocked_on"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "max_attempts"?: number;
          "next_attempt_at"?: string | null;
          "outcome_code"?: string | null;
          "priority"?: number;
          "processed_at"?: string | null;
          "read_by_version"?: string | null;
          "reason"?: string;
          "reextract"?: boolean;
          "scraper_version_id"?: string | null;
          "source_url"?: string | null;
          "status"?: string;
          "triggered_by"?: string;
          "vehicle_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "backfill_queue_scraper_version_id_fkey";
            columns: ["scraper_version_id"];
            isOneToOne: false;
            referencedRelation: "scraper_version_status";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "backfill_queue_scraper_version_id_fkey";
            columns: ["scraper_version_id"];
            isOneToOne: false;
            referencedRelation: "scraper_versions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "backfill_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "backfill_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "backfill_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "backfill_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "backfill_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "backfill_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "bat_extraction_queue": {
        Row: {
          "attempts": number;
          "bat_url": string;
          "blocked_days": number;
          "created_at": string;
          "error_message": string | null;
          "id": string;
          "last_blocked_on": string | null;
          "lease_expires_at": string | null;
          "lease_token": string | null;
          "max_attempts": number;
          "next_attempt_at": string | null;
          "no_gain_passes": number;
          "outcome_code": string | null;
          "priority": number;
          "processed_at": string | null;
          "reason": string;
          "requeue_at": string | null;
          "status": string;
          "updated_at": string;
          "vehicle_id": string;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "bat_url": string;
          "blocked_days"?: number;
          "created_at"?: string;
          "error_message"?: string | null;
          "id"?: string;
          "last_blocked_on"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "max_attempts"?: number;
          "next_attempt_at"?: string | null;
          "no_gain_passes"?: number;
          "outcome_code"?: string | null;
          "priority"?: number;
          "processed_at"?: string | null;
          "reason"?: string;
          "requeue_at"?: string | null;
          "status"?: string;
          "updated_at"?: string;
          "vehicle_id": string;
        };
        Update: {
          "attempts"?: number;
          "bat_url"?: string;
          "blocked_days"?: number;
          "created_at"?: string;
          "error_message"?: string | null;
          "id"?: string;
          "last_blocked_on"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "max_attempts"?: number;
          "next_attempt_at"?: string | null;
          "no_gain_passes"?: number;
          "outcome_code"?: string | null;
          "priority"?: number;
          "processed_at"?: string | null;
          "reason"?: string;
          "requeue_at"?: string | null;
          "status"?: string;
          "updated_at"?: string;
          "vehicle_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "bat_extraction_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "bat_extraction_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "bat_extraction_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "bat_extraction_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "bat_extraction_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "bat_extraction_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "calibration_rates": {
        Row: {
          "accepted": number;
          "declared_band": string | null;
          "field_name": string | null;
          "n": number;
          "others_accepted": number;
          "others_n": number;
          "reading_way": string | null;
          "source_id": string | null;
          "trust": number;
          "version": number;
          "way_factor": number;
        };
        ComputedFields: never;
        Insert: {
          "accepted": number;
          "declared_band"?: string | null;
          "field_name"?: string | null;
          "n": number;
          "others_accepted"?: number;
          "others_n"?: number;
          "reading_way"?: string | null;
          "source_id"?: string | null;
          "trust"?: number;
          "version": number;
          "way_factor"?: number;
        };
        Update: {
          "accepted"?: number;
          "declared_band"?: string | null;
          "field_name"?: string | null;
          "n"?: number;
          "others_accepted"?: number;
          "others_n"?: number;
          "reading_way"?: string | null;
          "source_id"?: string | null;
          "trust"?: number;
          "version"?: number;
          "way_factor"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "calibration_rates_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "scrape_sources";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calibration_rates_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "source_candidates_to_review";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calibration_rates_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "source_lifecycle";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calibration_rates_version_fkey";
            columns: ["version"];
            isOneToOne: false;
            referencedRelation: "calibrations";
            referencedColumns: ["version"];
          },
        ];
      };
      "calibrations": {
        Row: {
          "labels_count": number;
          "made_at": string;
          "retired_at": string | null;
          "serving_since": string | null;
          "status": string;
          "version": number;
          "why": string | null;
        };
        ComputedFields: never;
        Insert: {
          "labels_count": number;
          "made_at"?: string;
          "retired_at"?: string | null;
          "serving_since"?: string | null;
          "status"?: string;
          "version"?: never;
          "why"?: string | null;
        };
        Update: {
          "labels_count"?: number;
          "made_at"?: string;
          "retired_at"?: string | null;
          "serving_since"?: string | null;
          "status"?: string;
          "version"?: never;
          "why"?: string | null;
        };
        Relationships: [];
      };
      "cost_rates": {
        Row: {
          "item": string;
          "note": string | null;
          "per": number;
          "price": number;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "item": string;
          "note"?: string | null;
          "per"?: number;
          "price": number;
          "updated_at"?: string;
        };
        Update: {
          "item"?: string;
          "note"?: string | null;
          "per"?: number;
          "price"?: number;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "dashboard_parts": {
        Row: {
          "counted_to": string | null;
          "error_message": string | null;
          "made_at": string | null;
          "next_at": string;
          "part": string;
          "state": Json | null;
          "took_ms": number | null;
        };
        ComputedFields: never;
        Insert: {
          "counted_to"?: string | null;
          "error_message"?: string | null;
          "made_at"?: string | null;
          "next_at"?: string;
          "part": string;
          "state"?: Json | null;
          "took_ms"?: number | null;
        };
        Update: {
          "counted_to"?: string | null;
          "error_message"?: string | null;
          "made_at"?: string | null;
          "next_at"?: string;
          "part"?: string;
          "state"?: Json | null;
          "took_ms"?: number | null;
        };
        Relationships: [];
      };
      "dashboard_samples": {
        Row: {
          "at": string;
          "samples": number;
          "series": string;
          "step": string;
          "subject": string;
          "value": number;
        };
        ComputedFields: never;
        Insert: {
          "at": string;
          "samples"?: number;
          "series": string;
          "step": string;
          "subject"?: string;
          "value": number;
        };
        Update: {
          "at"?: string;
          "samples"?: number;
          "series"?: string;
          "step"?: string;
          "subject"?: string;
          "value"?: number;
        };
        Relationships: [];
      };
      "extraction_map_comparisons": {
        Row: {
          "agrees": boolean | null;
          "compared_at": string;
          "field_name": string;
          "map_id": string;
          "map_value": string;
          "other_value": string | null;
          "snapshot_id": string;
          "while_serving": boolean;
        };
        ComputedFields: never;
        Insert: {
          "agrees"?: boolean | null;
          "compared_at"?: string;
          "field_name": string;
          "map_id": string;
          "map_value": string;
          "other_value"?: string | null;
          "snapshot_id": string;
          "while_serving"?: boolean;
        };
        Update: {
          "agrees"?: boolean | null;
          "compared_at"?: string;
          "field_name"?: string;
          "map_id"?: string;
          "map_value"?: string;
          "other_value"?: string | null;
          "snapshot_id"?: string;
          "while_serving"?: boolean;
        };
        Relationships: [
          {
            foreignKeyName: "extraction_map_comparisons_map_id_fkey";
            columns: ["map_id"];
            isOneToOne: false;
            referencedRelation: "extraction_maps";
            referencedColumns: ["id"];
          },
        ];
      };
      "extraction_map_jobs": {
        Row: {
          "attempts": number;
          "blocked_days": number;
          "cause": string;
          "created_at": string;
          "error_message": string | null;
          "fields": (string)[];
          "hosts": (string)[];
          "id": string;
          "last_blocked_on": string | null;
          "lease_expires_at": string | null;
          "lease_token": string | null;
          "max_attempts": number;
          "next_attempt_at": string | null;
          "outcome_code": string | null;
          "processed_at": string | null;
          "result": string | null;
          "source": string;
          "state": NonNullable<Json>;
          "status": string;
          "step": string;
          "steps_done": number;
          "vehicle_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "blocked_days"?: number;
          "cause": string;
          "created_at"?: string;
          "error_message"?: string | null;
          "fields"?: (string)[];
          "hosts": (string)[];
          "id"?: string;
          "last_blocked_on"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "max_attempts"?: number;
          "next_attempt_at"?: string | null;
          "outcome_code"?: string | null;
          "processed_at"?: string | null;
          "result"?: string | null;
          "source": string;
          "state"?: NonNullable<Json>;
          "status"?: string;
          "step"?: string;
          "steps_done"?: number;
          "vehicle_id"?: string | null;
        };
        Update: {
          "attempts"?: number;
          "blocked_days"?: number;
          "cause"?: string;
          "created_at"?: string;
          "error_message"?: string | null;
          "fields"?: (string)[];
          "hosts"?: (string)[];
          "id"?: string;
          "last_blocked_on"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "max_attempts"?: number;
          "next_attempt_at"?: string | null;
          "outcome_code"?: string | null;
          "processed_at"?: string | null;
          "result"?: string | null;
          "source"?: string;
          "state"?: NonNullable<Json>;
          "status"?: string;
          "step"?: string;
          "steps_done"?: number;
          "vehicle_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "extraction_map_jobs_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_map_jobs_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_map_jobs_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "extraction_map_jobs_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_map_jobs_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_map_jobs_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "extraction_map_pages": {
        Row: {
          "facts": NonNullable<Json>;
          "job_id": string;
          "left_out": string | null;
          "not_held": (string)[];
          "number": number;
          "page_index": Json | null;
          "snapshot_id": string;
          "url": string;
          "vehicle_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "facts"?: NonNullable<Json>;
          "job_id": string;
          "left_out"?: string | null;
          "not_held"?: (string)[];
          "number": number;
          "page_index"?: Json | null;
          "snapshot_id": string;
          "url": string;
          "vehicle_id"?: string | null;
        };
        Update: {
          "facts"?: NonNullable<Json>;
          "job_id"?: string;
          "left_out"?: string | null;
          "not_held"?: (string)[];
          "number"?: number;
          "page_index"?: Json | null;
          "snapshot_id"?: string;
          "url"?: string;
          "vehicle_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "extraction_map_pages_job_id_fkey";
            columns: ["job_id"];
            isOneToOne: false;
            referencedRelation: "extraction_map_jobs";
            referencedColumns: ["id"];
          },
        ];
      };
      "extraction_maps": {
        Row: {
          "cause": string;
          "created_at": string;
          "errors": number;
          "fields": (string)[];
          "held_out": number;
          "hosts": (string)[];
          "id": string;
          "learned_from": (string)[];
          "retired_at": string | null;
          "retired_because": string | null;
          "rules": NonNullable<Json>;
          "scraper_version_id": string | null;
          "serving_at": string | null;
          "source": string;
          "status": string;
          "support": number;
          "template": string;
          "version": number;
        };
        ComputedFields: never;
        Insert: {
          "cause": string;
          "created_at"?: string;
          "errors": number;
          "fields"?: (string)[];
          "held_out": number;
          "hosts": (string)[];
          "id"?: string;
          "learned_from"?: (string)[];
          "retired_at"?: string | null;
          "retired_because"?: string | null;
          "rules": NonNullable<Json>;
          "scraper_version_id"?: string | null;
          "serving_at"?: string | null;
          "source": string;
          "status"?: string;
          "support": number;
          "template": string;
          "version": number;
        };
        Update: {
          "cause"?: string;
          "created_at"?: string;
          "errors"?: number;
          "fields"?: (string)[];
          "held_out"?: number;
          "hosts"?: (string)[];
          "id"?: string;
          "learned_from"?: (string)[];
          "retired_at"?: string | null;
          "retired_because"?: string | null;
          "rules"?: NonNullable<Json>;
          "scraper_version_id"?: string | null;
          "serving_at"?: string | null;
          "source"?: string;
          "status"?: string;
          "support"?: number;
          "template"?: string;
          "version"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "extraction_maps_scraper_version_id_fkey";
            columns: ["scraper_version_id"];
            isOneToOne: false;
            referencedRelation: "scraper_version_status";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "extraction_maps_scraper_version_id_fkey";
            columns: ["scraper_version_id"];
            isOneToOne: false;
            referencedRelation: "scraper_versions";
            referencedColumns: ["id"];
          },
        ];
      };
      "extraction_metadata": {
        Row: {
          "calibration_version": number | null;
          "confidence_score": number;
          "declared_confidence": number | null;
          "evidence": string | null;
          "extracted_at": string;
          "extraction_method": string;
          "field_name": string;
          "field_value": string | null;
          "id": number;
          "last_confirmed_at": string;
          "previous_value": string | null;
          "reading_way": string | null;
          "review_note": string | null;
          "reviewed_at": string | null;
          "reviewed_by": string | null;
          "scraper_version": string | null;
          "snapshot_id": string | null;
          "source_url": string | null;
          "validation_status": string;
          "value_hash": string | null;
          "vehicle_id": string;
        };
        ComputedFields: never;
        Insert: {
          "calibration_version"?: number | null;
          "confidence_score": number;
          "declared_confidence"?: number | null;
          "evidence"?: string | null;
          "extracted_at"?: string;
          "extraction_method": string;
          "field_name": string;
          "field_value"?: string | null;
          "id"?: never;
          "last_confirmed_at"?: string;
          "previous_value"?: string | null;
          "reading_way"?: string | null;
          "review_note"?: string | null;
          "reviewed_at"?: string | null;
          "reviewed_by"?: string | null;
          "scraper_version"?: string | null;
          "snapshot_id"?: string | null;
          "source_url"?: string | null;
          "validation_status": string;
          "value_hash"?: never;
          "vehicle_id": string;
        };
        Update: {
          "calibration_version"?: number | null;
          "confidence_score"?: number;
          "declared_confidence"?: number | null;
          "evidence"?: string | null;
          "extracted_at"?: string;
          "extraction_method"?: string;
          "field_name"?: string;
          "field_value"?: string | null;
          "id"?: never;
          "last_confirmed_at"?: string;
          "previous_value"?: string | null;
          "reading_way"?: string | null;
          "review_note"?: string | null;
          "reviewed_at"?: string | null;
          "reviewed_by"?: string | null;
          "scraper_version"?: string | null;
          "snapshot_id"?: string | null;
          "source_url"?: string | null;
          "validation_status"?: string;
          "value_hash"?: never;
          "vehicle_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "fill_cycle_steps": {
        Row: {
          "attempts": number;
          "completed_at": string | null;
          "created_at": string;
          "cursor": Json | null;
          "cycle_id": string;
          "error_message": string | null;
          "id": string;
          "lease_expires_at": string | null;
          "lease_token": string | null;
          "next_attempt_at": string | null;
          "result": Json | null;
          "rounds": number;
          "started_at": string | null;
          "status": string;
          "step": string;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "completed_at"?: string | null;
          "created_at"?: string;
          "cursor"?: Json | null;
          "cycle_id": string;
          "error_message"?: string | null;
          "id"?: string;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "next_attempt_at"?: string | null;
          "result"?: Json | null;
          "rounds"?: number;
          "started_at"?: string | null;
          "status"?: string;
          "step": string;
        };
        Update: {
          "attempts"?: number;
          "completed_at"?: string | null;
          "created_at"?: string;
          "cursor"?: Json | null;
          "cycle_id"?: string;
          "error_message"?: string | null;
          "id"?: string;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "next_attempt_at"?: string | null;
          "result"?: Json | null;
          "rounds"?: number;
          "started_at"?: string | null;
          "status"?: string;
          "step"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "fill_cycle_steps_cycle_id_fkey";
            columns: ["cycle_id"];
            isOneToOne: false;
            referencedRelation: "fill_cycles";
            referencedColumns: ["cycle_id"];
          },
        ];
      };
      "fill_cycles": {
        Row: {
          "completed_at": string | null;
          "cycle_id": string;
          "data_quality_score": number | null;
          "errors": (string)[];
          "id": string;
          "metadata": NonNullable<Json>;
          "next_actions": (string)[];
          "on_target": boolean | null;
          "slot": string;
          "sources_active": number | null;
          "sources_discovered": number | null;
          "started_at": string;
          "status": string;
          "target": number;
          "triggered_by": string;
          "vehicles_added": number | null;
          "vehicles_queued": number | null;
          "verdict": string | null;
        };
        ComputedFields: never;
        Insert: {
          "completed_at"?: string | null;
          "cycle_id": string;
          "data_quality_score"?: number | null;
          "errors"?: (string)[];
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "next_actions"?: (string)[];
          "on_target"?: boolean | null;
          "slot": string;
          "sources_active"?: number | null;
          "sources_discovered"?: number | null;
          "started_at"?: string;
          "status"?: string;
          "target": number;
          "triggered_by"?: string;
          "vehicles_added"?: number | null;
          "vehicles_queued"?: number | null;
          "verdict"?: string | null;
        };
        Update: {
          "completed_at"?: string | null;
          "cycle_id"?: string;
          "data_quality_score"?: number | null;
          "errors"?: (string)[];
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "next_actions"?: (string)[];
          "on_target"?: boolean | null;
          "slot"?: string;
          "sources_active"?: number | null;
          "sources_discovered"?: number | null;
          "started_at"?: string;
          "status"?: string;
          "target"?: number;
          "triggered_by"?: string;
          "vehicles_added"?: number | null;
          "vehicles_queued"?: number | null;
          "verdict"?: string | null;
        };
        Relationships: [];
      };
      "fill_decisions": {
        Row: {
          "cycle_id": string | null;
          "decided_at": string;
          "from_value": string | null;
          "id": number;
          "lever": string;
          "metrics": NonNullable<Json>;
          "reason": string;
          "subject": string | null;
          "to_value": string | null;
        };
        ComputedFields: never;
        Insert: {
          "cycle_id"?: string | null;
          "decided_at"?: string;
          "from_value"?: string | null;
          "id"?: never;
          "lever": string;
          "metrics"?: NonNullable<Json>;
          "reason": string;
          "subject"?: string | null;
          "to_value"?: string | null;
        };
        Update: {
          "cycle_id"?: string | null;
          "decided_at"?: string;
          "from_value"?: string | null;
          "id"?: never;
          "lever"?: string;
          "metrics"?: NonNullable<Json>;
          "reason"?: string;
          "subject"?: string | null;
          "to_value"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "fill_decisions_cycle_id_fkey";
            columns: ["cycle_id"];
            isOneToOne: false;
            referencedRelation: "fill_cycles";
            referencedColumns: ["cycle_id"];
          },
        ];
      };
      "fill_policy": {
        Row: {
          "approve_sources": string;
          "batch_size_ceiling": number;
          "batch_size_floor": number;
          "exploration_share": number;
          "feed_interval_floor": string;
          "galleries": string;
          "host_interval_ceiling_ms": number;
          "is_enabled": boolean;
          "new_sources_ceiling": number;
          "only_row": boolean;
          "quality_floor": number;
          "requests_ceiling": number;
          "requests_floor": number;
          "target": number;
          "updated_at": string;
          "workers_ceiling": number;
          "workers_floor": number;
        };
        ComputedFields: never;
        Insert: {
          "approve_sources"?: string;
          "batch_size_ceiling"?: number;
          "batch_size_floor"?: number;
          "exploration_share"?: number;
          "feed_interval_floor"?: string;
          "galleries"?: string;
          "host_interval_ceiling_ms"?: number;
          "is_enabled"?: boolean;
          "new_sources_ceiling"?: number;
          "only_row"?: boolean;
          "quality_floor"?: number;
          "requests_ceiling"?: number;
          "requests_floor"?: number;
          "target"?: number;
          "updated_at"?: string;
          "workers_ceiling"?: number;
          "workers_floor"?: number;
        };
        Update: {
          "approve_sources"?: string;
          "batch_size_ceiling"?: number;
          "batch_size_floor"?: number;
          "exploration_share"?: number;
          "feed_interval_floor"?: string;
          "galleries"?: string;
          "host_interval_ceiling_ms"?: number;
          "is_enabled"?: boolean;
          "new_sources_ceiling"?: number;
          "only_row"?: boolean;
          "quality_floor"?: number;
          "requests_ceiling"?: number;
          "requests_floor"?: number;
          "target"?: number;
          "updated_at"?: string;
          "workers_ceiling"?: number;
          "workers_floor"?: number;
        };
        Relationships: [];
      };
      "image_downloads": {
        Row: {
          "attempts": number;
          "blocked_days": number;
          "content_hash": string | null;
          "created_at": string;
          "duplicate_of": string | null;
          "host": string;
          "http_status": number | null;
          "last_attempt_at": string | null;
          "last_blocked_on": string | null;
          "last_error": string | null;
          "lease_expires_at": string | null;
          "lease_token": string | null;
          "next_attempt_at": string | null;
          "outcome": string | null;
          "position": number;
          "status": string;
          "url": string;
          "vehicle_id": string;
          "wave": number;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "blocked_days"?: number;
          "content_hash"?: string | null;
          "created_at"?: string;
          "duplicate_of"?: string | null;
          "host"?: never;
          "http_status"?: number | null;
          "last_attempt_at"?: string | null;
          "last_blocked_on"?: string | null;
          "last_error"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "next_attempt_at"?: string | null;
          "outcome"?: string | null;
          "position": number;
          "status"?: string;
          "url": string;
          "vehicle_id": string;
          "wave": number;
        };
        Update: {
          "attempts"?: number;
          "blocked_days"?: number;
          "content_hash"?: string | null;
          "created_at"?: string;
          "duplicate_of"?: string | null;
          "host"?: never;
          "http_status"?: number | null;
          "last_attempt_at"?: string | null;
          "last_blocked_on"?: string | null;
          "last_error"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "next_attempt_at"?: string | null;
          "outcome"?: string | null;
          "position"?: number;
          "status"?: string;
          "url"?: string;
          "vehicle_id"?: string;
          "wave"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "image_downloads_vehicle_id_duplicate_of_fkey";
            columns: ["vehicle_id", "duplicate_of"];
            isOneToOne: false;
            referencedRelation: "image_downloads";
            referencedColumns: ["vehicle_id", "url"];
          },
          {
            foreignKeyName: "image_downloads_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "image_downloads_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "image_downloads_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "image_downloads_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "image_downloads_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "image_downloads_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "import_queue": {
        Row: {
          "attempts": number;
          "blocked_days": number;
          "canonical_url": string | null;
          "created_at": string;
          "currency": string | null;
          "discovered_from": string | null;
          "ends_at": string | null;
          "error_message": string | null;
          "id": string;
          "last_blocked_on": string | null;
          "lease_expires_at": string | null;
          "lease_token": string | null;
          "listing_make": string | null;
          "listing_model": string | null;
          "listing_price": number | null;
          "listing_title": string | null;
          "listing_url": string;
          "listing_year": number | null;
          "max_attempts": number;
          "next_attempt_at": string | null;
          "outcome_code": string | null;
          "price_kind": string | null;
          "priority": number;
          "processed_at": string | null;
          "raw_data": NonNullable<Json>;
          "source": string | null;
          "status": string;
          "thumbnail_url": string | null;
          "updated_at": string;
          "vehicle_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "blocked_days"?: number;
          "canonical_url"?: never;
          "created_at"?: string;
          "currency"?: string | null;
          "discovered_from"?: string | null;
          "ends_at"?: string | null;
          "error_message"?: string | null;
          "id"?: string;
          "last_blocked_on"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "listing_make"?: string | null;
          "listing_model"?: string | null;
          "listing_price"?: number | null;
          "listing_title"?: string | null;
          "listing_url": string;
          "listing_year"?: number | null;
          "max_attempts"?: number;
          "next_attempt_at"?: string | null;
          "outcome_code"?: string | null;
          "price_kind"?: string | null;
          "priority"?: number;
          "processed_at"?: string | null;
          "raw_data"?: NonNullable<Json>;
          "source"?: string | null;
          "status"?: string;
          "thumbnail_url"?: string | null;
          "updated_at"?: string;
          "vehicle_id"?: string | null;
        };
        Update: {
          "attempts"?: number;
          "blocked_days"?: number;
          "canonical_url"?: never;
          "created_at"?: string;
          "currency"?: string | null;
          "discovered_from"?: string | null;
          "ends_at"?: string | null;
          "error_message"?: string | null;
          "id"?: string;
          "last_blocked_on"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "listing_make"?: string | null;
          "listing_model"?: string | null;
          "listing_price"?: number | null;
          "listing_title"?: string | null;
          "listing_url"?: string;
          "listing_year"?: number | null;
          "max_attempts"?: number;
          "next_attempt_at"?: string | null;
          "outcome_code"?: string | null;
          "price_kind"?: string | null;
          "priority"?: number;
          "processed_at"?: string | null;
          "raw_data"?: NonNullable<Json>;
          "source"?: string | null;
          "status"?: string;
          "thumbnail_url"?: string | null;
          "updated_at"?: string;
          "vehicle_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "import_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "import_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "import_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "import_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "import_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "import_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "listing_change_rates": {
        Row: {
          "age_band": number;
          "changes": number;
          "kind": string;
          "listings": number;
          "look_every": string;
          "looks": number;
          "rate_per_day": number;
          "source_host": string;
        };
        ComputedFields: never;
        Insert: {
          "age_band": number;
          "changes"?: number;
          "kind": string;
          "listings"?: number;
          "look_every": string;
          "looks"?: number;
          "rate_per_day": number;
          "source_host": string;
        };
        Update: {
          "age_band"?: number;
          "changes"?: number;
          "kind"?: string;
          "listings"?: number;
          "look_every"?: string;
          "looks"?: number;
          "rate_per_day"?: number;
          "source_host"?: string;
        };
        Relationships: [];
      };
      "listing_checks": {
        Row: {
          "attempts": number;
          "blocked_days": number;
          "created_at": string;
          "error_message": string | null;
          "failed_rounds": number;
          "id": string;
          "index_price": number | null;
          "known_at": string | null;
          "last_blocked_on": string | null;
          "lease_expires_at": string | null;
          "lease_token": string | null;
          "listing_id": number;
          "listing_url": string;
          "max_attempts": number;
          "next_attempt_at": string | null;
          "outcome_code": string | null;
          "priority": number;
          "processed_at": string | null;
          "requeue_at": string;
          "source_host": string | null;
          "status": string;
          "vehicle_id": string;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "blocked_days"?: number;
          "created_at"?: string;
          "error_message"?: string | null;
          "failed_rounds"?: number;
          "id"?: string;
          "index_price"?: number | null;
          "known_at"?: string | null;
          "last_blocked_on"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "listing_id": number;
          "listing_url": string;
          "max_attempts"?: number;
          "next_attempt_at"?: string | null;
          "outcome_code"?: string | null;
          "priority"?: never;
          "processed_at"?: string | null;
          "requeue_at"?: string;
          "source_host"?: never;
          "status"?: string;
          "vehicle_id": string;
        };
        Update: {
          "attempts"?: number;
          "blocked_days"?: number;
          "created_at"?: string;
          "error_message"?: string | null;
          "failed_rounds"?: number;
          "id"?: string;
          "index_price"?: number | null;
          "known_at"?: string | null;
          "last_blocked_on"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "listing_id"?: number;
          "listing_url"?: string;
          "max_attempts"?: number;
          "next_attempt_at"?: string | null;
          "outcome_code"?: string | null;
          "priority"?: never;
          "processed_at"?: string | null;
          "requeue_at"?: string;
          "source_host"?: never;
          "status"?: string;
          "vehicle_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "listing_checks_vehicle_id_listing_id_fkey";
            columns: ["vehicle_id", "listing_id"];
            isOneToOne: false;
            referencedRelation: "price_history";
            referencedColumns: ["vehicle_id", "listing_id"];
          },
          {
            foreignKeyName: "listing_checks_vehicle_id_listing_id_fkey";
            columns: ["vehicle_id", "listing_id"];
            isOneToOne: false;
            referencedRelation: "vehicle_listings";
            referencedColumns: ["vehicle_id", "id"];
          },
        ];
      };
      "listing_events": {
        Row: {
          "at": string;
          "currency": string | null;
          "event": string;
          "id": number;
          "listing_id": number;
          "price_from": number | null;
          "price_to": number | null;
          "snapshot_id": string | null;
          "status_from": string | null;
          "status_to": string;
        };
        ComputedFields: never;
        Insert: {
          "at"?: string;
          "currency"?: string | null;
          "event": string;
          "id"?: never;
          "listing_id": number;
          "price_from"?: number | null;
          "price_to"?: number | null;
          "snapshot_id"?: string | null;
          "status_from"?: string | null;
          "status_to": string;
        };
        Update: {
          "at"?: string;
          "currency"?: string | null;
          "event"?: string;
          "id"?: never;
          "listing_id"?: number;
          "price_from"?: number | null;
          "price_to"?: number | null;
          "snapshot_id"?: string | null;
          "status_from"?: string | null;
          "status_to"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "listing_events_listing_id_fkey";
            columns: ["listing_id"];
            isOneToOne: false;
            referencedRelation: "price_history";
            referencedColumns: ["listing_id"];
          },
          {
            foreignKeyName: "listing_events_listing_id_fkey";
            columns: ["listing_id"];
            isOneToOne: false;
            referencedRelation: "vehicle_listings";
            referencedColumns: ["id"];
          },
        ];
      };
      "listing_feeds": {
        Row: {
          "about": string;
          "canonical_url": string | null;
          "check_interval": string;
          "code_enabled": boolean | null;
          "code_interval": string | null;
          "created_at": string;
          "enabled": boolean;
          "failures": number;
          "id": string;
          "is_adaptive": boolean;
          "kind": string;
          "last_checked_at": string | null;
          "last_error": string | null;
          "last_found": number | null;
          "last_found_at": string | null;
          "last_known": number | null;
          "last_new": number | null;
          "last_outcome": string | null;
          "last_skipped": number | null;
          "lease_expires_at": string | null;
          "lease_token": string | null;
          "new_per_hour": number | null;
          "next_check_at": string;
          "off_because": string | null;
          "pages": number;
          "revisit_interval": string | null;
          "sitemap_level": number;
          "source": string | null;
          "url": string;
          "validators": Json | null;
        };
        ComputedFields: never;
        Insert: {
          "about"?: string;
          "canonical_url"?: never;
          "check_interval"?: string;
          "code_enabled"?: boolean | null;
          "code_interval"?: string | null;
          "created_at"?: string;
          "enabled"?: boolean;
          "failures"?: number;
          "id"?: string;
          "is_adaptive"?: boolean;
          "kind"?: string;
          "last_checked_at"?: string | null;
          "last_error"?: string | null;
          "last_found"?: number | null;
          "last_found_at"?: string | null;
          "last_known"?: number | null;
          "last_new"?: number | null;
          "last_outcome"?: string | null;
          "last_skipped"?: number | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "new_per_hour"?: number | null;
          "next_check_at"?: string;
          "off_because"?: string | null;
          "pages"?: number;
          "revisit_interval"?: string | null;
          "sitemap_level"?: number;
          "source"?: string | null;
          "url": string;
          "validators"?: Json | null;
        };
        Update: {
          "about"?: string;
          "canonical_url"?: never;
          "check_interval"?: string;
          "code_enabled"?: boolean | null;
          "code_interval"?: string | null;
          "created_at"?: string;
          "enabled"?: boolean;
          "failures"?: number;
          "id"?: string;
          "is_adaptive"?: boolean;
          "kind"?: string;
          "last_checked_at"?: string | null;
          "last_error"?: string | null;
          "last_found"?: number | null;
          "last_found_at"?: string | null;
          "last_known"?: number | null;
          "last_new"?: number | null;
          "last_outcome"?: string | null;
          "last_skipped"?: number | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "new_per_hour"?: number | null;
          "next_check_at"?: string;
          "off_because"?: string | null;
          "pages"?: number;
          "revisit_interval"?: string | null;
          "sitemap_level"?: number;
          "source"?: string | null;
          "url"?: string;
          "validators"?: Json | null;
        };
        Relationships: [];
      };
      "listing_gap_counts": {
        Row: {
          "age_band": number;
          "changes": number;
          "days": number;
          "gap_band": number;
          "kind": string;
          "looks": number;
          "source_host": string;
        };
        ComputedFields: never;
        Insert: {
          "age_band": number;
          "changes": number;
          "days": number;
          "gap_band": number;
          "kind": string;
          "looks": number;
          "source_host": string;
        };
        Update: {
          "age_band"?: number;
          "changes"?: number;
          "days"?: number;
          "gap_band"?: number;
          "kind"?: string;
          "looks"?: number;
          "source_host"?: string;
        };
        Relationships: [];
      };
      "listing_looks": {
        Row: {
          "age_band": number;
          "at": string;
          "changed": boolean;
          "gap_days": number | null;
          "id": number;
          "kind": string;
          "listing_id": number;
          "source_host": string;
          "way": string;
        };
        ComputedFields: never;
        Insert: {
          "age_band": number;
          "at"?: string;
          "changed": boolean;
          "gap_days"?: number | null;
          "id"?: never;
          "kind": string;
          "listing_id": number;
          "source_host": string;
          "way": string;
        };
        Update: {
          "age_band"?: number;
          "at"?: string;
          "changed"?: boolean;
          "gap_days"?: number | null;
          "id"?: never;
          "kind"?: string;
          "listing_id"?: number;
          "source_host"?: string;
          "way"?: string;
        };
        Relationships: [];
      };
      "micro_scrape_runs": {
        Row: {
          "actions_executed": number;
          "actions_failed": number;
          "actions_succeeded": number;
          "completed_at": string | null;
          "error_message": string | null;
          "id": string;
          "metadata": NonNullable<Json>;
          "runtime_ms": number | null;
          "started_at": string;
          "status": string;
          "triggered_by": string;
          "vehicles_analyzed": number;
          "vehicles_exhausted": number;
          "vehicles_improved": number;
          "vehicles_marked_complete": number;
        };
        ComputedFields: never;
        Insert: {
          "actions_executed"?: number;
          "actions_failed"?: number;
          "actions_succeeded"?: number;
          "completed_at"?: string | null;
          "error_message"?: string | null;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "runtime_ms"?: number | null;
          "started_at"?: string;
          "status"?: string;
          "triggered_by"?: string;
          "vehicles_analyzed"?: number;
          "vehicles_exhausted"?: number;
          "vehicles_improved"?: number;
          "vehicles_marked_complete"?: number;
        };
        Update: {
          "actions_executed"?: number;
          "actions_failed"?: number;
          "actions_succeeded"?: number;
          "completed_at"?: string | null;
          "error_message"?: string | null;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "runtime_ms"?: number | null;
          "started_at"?: string;
          "status"?: string;
          "triggered_by"?: string;
          "vehicles_analyzed"?: number;
          "vehicles_exhausted"?: number;
          "vehicles_improved"?: number;
          "vehicles_marked_complete"?: number;
        };
        Relationships: [];
      };
      "micro_scrape_state": {
        Row: {
          "blocked_days": number;
          "due_at": string;
          "extraction_hash": string | null;
          "failures": number;
          "last_blocked_on": string | null;
          "last_checked_at": string | null;
          "last_error": string | null;
          "last_outcome": string | null;
          "last_scraper": string | null;
          "last_scraper_version": string | null;
          "lease_expires_at": string | null;
          "lease_token": string | null;
          "no_gain_passes": number;
          "score": number;
          "state": string;
          "vehicle_created_at": string;
          "vehicle_id": string;
        };
        ComputedFields: never;
        Insert: {
          "blocked_days"?: number;
          "due_at"?: string;
          "extraction_hash"?: string | null;
          "failures"?: number;
          "last_blocked_on"?: string | null;
          "last_checked_at"?: string | null;
          "last_error"?: string | null;
          "last_outcome"?: string | null;
          "last_scraper"?: string | null;
          "last_scraper_version"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "no_gain_passes"?: number;
          "score"?: number;
          "state"?: string;
          "vehicle_created_at": string;
          "vehicle_id": string;
        };
        Update: {
          "blocked_days"?: number;
          "due_at"?: string;
          "extraction_hash"?: string | null;
          "failures"?: number;
          "last_blocked_on"?: string | null;
          "last_checked_at"?: string | null;
          "last_error"?: string | null;
          "last_outcome"?: string | null;
          "last_scraper"?: string | null;
          "last_scraper_version"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "no_gain_passes"?: number;
          "score"?: number;
          "state"?: string;
          "vehicle_created_at"?: string;
          "vehicle_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "micro_scrape_state_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "micro_scrape_state_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "micro_scrape_state_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "micro_scrape_state_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "micro_scrape_state_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "micro_scrape_state_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "operator_actions": {
        Row: {
          "action": string;
          "after": Json | null;
          "args": NonNullable<Json>;
          "at": string;
          "before": Json | null;
          "id": number;
          "operator_id": string;
          "outcome": string;
          "said": string;
          "subject": string | null;
        };
        ComputedFields: never;
        Insert: {
          "action": string;
          "after"?: Json | null;
          "args"?: NonNullable<Json>;
          "at"?: string;
          "before"?: Json | null;
          "id"?: never;
          "operator_id": string;
          "outcome": string;
          "said": string;
          "subject"?: string | null;
        };
        Update: {
          "action"?: string;
          "after"?: Json | null;
          "args"?: NonNullable<Json>;
          "at"?: string;
          "before"?: Json | null;
          "id"?: never;
          "operator_id"?: string;
          "outcome"?: string;
          "said"?: string;
          "subject"?: string | null;
        };
        Relationships: [];
      };
      "outside_workers": {
        Row: {
          "functions": (string)[];
          "id": string;
          "name": string;
          "places": number;
          "seen_at": string;
          "started_at": string;
        };
        ComputedFields: never;
        Insert: {
          "functions": (string)[];
          "id": string;
          "name": string;
          "places": number;
          "seen_at"?: string;
          "started_at"?: string;
        };
        Update: {
          "functions"?: (string)[];
          "id"?: string;
          "name"?: string;
          "places"?: number;
          "seen_at"?: string;
          "started_at"?: string;
        };
        Relationships: [];
      };
      "page_snapshots": {
        Row: {
          "bytes": number;
          "canonical_url": string;
          "content_type": string;
          "etag": string | null;
          "fetched_at": string;
          "final_url": string;
          "id": string;
          "is_good": boolean;
          "last_modified": string | null;
          "last_seen_at": string;
          "sha256": string;
          "status": number;
          "storage_path": string;
          "stored_bytes": number;
          "url": string;
        };
        ComputedFields: never;
        Insert: {
          "bytes": number;
          "canonical_url": string;
          "content_type": string;
          "etag"?: string | null;
          "fetched_at"?: string;
          "final_url": string;
          "id"?: string;
          "is_good"?: boolean;
          "last_modified"?: string | null;
          "last_seen_at"?: string;
          "sha256": string;
          "status": number;
          "storage_path": string;
          "stored_bytes": number;
          "url": string;
        };
        Update: {
          "bytes"?: number;
          "canonical_url"?: string;
          "content_type"?: string;
          "etag"?: string | null;
          "fetched_at"?: string;
          "final_url"?: string;
          "id"?: string;
          "is_good"?: boolean;
          "last_modified"?: string | null;
          "last_seen_at"?: string;
          "sha256"?: string;
          "status"?: number;
          "storage_path"?: string;
          "stored_bytes"?: number;
          "url"?: string;
        };
        Relationships: [];
      };
      "pipeline_runs": {
        Row: {
          "ended_at": string | null;
          "error_message": string | null;
          "id": string;
          "lease_expires_at": string | null;
          "lease_token": string | null;
          "metrics": Json | null;
          "runtime_ms": number | null;
          "started_at": string;
          "status": string;
          "steps": NonNullable<Json>;
          "triggered_by": string;
        };
        ComputedFields: never;
        Insert: {
          "ended_at"?: string | null;
          "error_message"?: string | null;
          "id"?: string;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "metrics"?: Json | null;
          "runtime_ms"?: number | null;
          "started_at"?: string;
          "status"?: string;
          "steps"?: NonNullable<Json>;
          "triggered_by"?: string;
        };
        Update: {
          "ended_at"?: string | null;
          "error_message"?: string | null;
          "id"?: string;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "metrics"?: Json | null;
          "runtime_ms"?: number | null;
          "started_at"?: string;
          "status"?: string;
          "steps"?: NonNullable<Json>;
          "triggered_by"?: string;
        };
        Relationships: [];
      };
      "quality_metrics": {
        Row: {
          "accuracy": number | null;
          "accuracy_sample_size": number;
          "completeness": number | null;
          "cycle_id": string;
          "field_name": string;
          "id": string;
          "issues": (string)[];
          "measured_at": string;
          "sample_size": number;
        };
        ComputedFields: never;
        Insert: {
          "accuracy"?: number | null;
          "accuracy_sample_size"?: number;
          "completeness"?: number | null;
          "cycle_id": string;
          "field_name": string;
          "id"?: string;
          "issues"?: (string)[];
          "measured_at"?: string;
          "sample_size"?: number;
        };
        Update: {
          "accuracy"?: number | null;
          "accuracy_sample_size"?: number;
          "completeness"?: number | null;
          "cycle_id"?: string;
          "field_name"?: string;
          "id"?: string;
          "issues"?: (string)[];
          "measured_at"?: string;
          "sample_size"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "quality_metrics_cycle_id_fkey";
            columns: ["cycle_id"];
            isOneToOne: false;
            referencedRelation: "fill_cycles";
            referencedColumns: ["cycle_id"];
          },
        ];
      };
      "remembered_addresses": {
        Row: {
          "canonical_url": string;
          "created_at": string;
          "former_vehicle_id": string;
          "kind": string;
          "reason": string;
          "remembered_by": string;
          "title": string | null;
          "vehicle_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "canonical_url": string;
          "created_at"?: string;
          "former_vehicle_id": string;
          "kind": string;
          "reason": string;
          "remembered_by": string;
          "title"?: string | null;
          "vehicle_id"?: string | null;
        };
        Update: {
          "canonical_url"?: string;
          "created_at"?: string;
          "former_vehicle_id"?: string;
          "kind"?: string;
          "reason"?: string;
          "remembered_by"?: string;
          "title"?: string | null;
          "vehicle_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "remembered_addresses_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "remembered_addresses_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "remembered_addresses_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "remembered_addresses_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "remembered_addresses_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "remembered_addresses_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "scrape_retry_queue": {
        Row: {
          "blocked_days": number;
          "created_at": string;
          "error_message": string | null;
          "id": string;
          "last_blocked_on": string | null;
          "lease_expires_at": string | null;
          "lease_token": string | null;
          "max_retries": number;
          "next_retry_at": string | null;
          "outcome_code": string | null;
          "processed_at": string | null;
          "retry_count": number;
          "status": string;
          "step_name": string;
          "vehicle_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "blocked_days"?: number;
          "created_at"?: string;
          "error_message"?: string | null;
          "id"?: string;
          "last_blocked_on"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "max_retries"?: number;
          "next_retry_at"?: string | null;
          "outcome_code"?: string | null;
          "processed_at"?: string | null;
          "retry_count"?: number;
          "status"?: string;
          "step_name": string;
          "vehicle_id"?: string | null;
        };
        Update: {
          "blocked_days"?: number;
          "created_at"?: string;
          "error_message"?: string | null;
          "id"?: string;
          "last_blocked_on"?: string | null;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "max_retries"?: number;
          "next_retry_at"?: string | null;
          "outcome_code"?: string | null;
          "processed_at"?: string | null;
          "retry_count"?: number;
          "status"?: string;
          "step_name"?: string;
          "vehicle_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "scrape_retry_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "scrape_retry_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "scrape_retry_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "scrape_retry_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "scrape_retry_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "scrape_retry_queue_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "scrape_sources": {
        Row: {
          "confidence_cap": number | null;
          "created_at": string;
          "found_by": string;
          "hosts": (string)[];
          "id": string;
          "is_active": boolean;
          "kind": string;
          "lifecycle": string;
          "lifecycle_at": string;
          "lifecycle_reason": string | null;
          "listings_allowed": number | null;
          "name": string;
          "next_look_at": string | null;
          "scraper_name": string;
          "scraper_version": string;
          "slug": string;
          "start_url": string | null;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "confidence_cap"?: number | null;
          "created_at"?: string;
          "found_by"?: string;
          "hosts"?: (string)[];
          "id"?: string;
          "is_active"?: boolean;
          "kind": string;
          "lifecycle"?: string;
          "lifecycle_at"?: string;
          "lifecycle_reason"?: string | null;
          "listings_allowed"?: number | null;
          "name": string;
          "next_look_at"?: string | null;
          "scraper_name": string;
          "scraper_version": string;
          "slug": string;
          "start_url"?: string | null;
          "updated_at"?: string;
        };
        Update: {
          "confidence_cap"?: number | null;
          "created_at"?: string;
          "found_by"?: string;
          "hosts"?: (string)[];
          "id"?: string;
          "is_active"?: boolean;
          "kind"?: string;
          "lifecycle"?: string;
          "lifecycle_at"?: string;
          "lifecycle_reason"?: string | null;
          "listings_allowed"?: number | null;
          "name"?: string;
          "next_look_at"?: string | null;
          "scraper_name"?: string;
          "scraper_version"?: string;
          "slug"?: string;
          "start_url"?: string | null;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "scrape_steps": {
        Row: {
          "completed_at": string | null;
          "created_at": string;
          "duration_ms": number | null;
          "error_message": string | null;
          "id": string;
          "metadata": Json | null;
          "outcome_code": string | null;
          "source": string | null;
          "status": string;
          "step_name": string;
          "url": string | null;
          "vehicle_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "completed_at"?: string | null;
          "created_at"?: string;
          "duration_ms"?: number | null;
          "error_message"?: string | null;
          "id"?: string;
          "metadata"?: Json | null;
          "outcome_code"?: string | null;
          "source"?: string | null;
          "status": string;
          "step_name": string;
          "url"?: string | null;
          "vehicle_id"?: string | null;
        };
        Update: {
          "completed_at"?: string | null;
          "created_at"?: string;
          "duration_ms"?: number | null;
          "error_message"?: string | null;
          "id"?: string;
          "metadata"?: Json | null;
          "outcome_code"?: string | null;
          "source"?: string | null;
          "status"?: string;
          "step_name"?: string;
          "url"?: string | null;
          "vehicle_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "scrape_steps_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "scrape_steps_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "scrape_steps_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "scrape_steps_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "scrape_steps_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "scrape_steps_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "scraper_versions": {
        Row: {
          "backfill_priority": number;
          "backfill_required": boolean;
          "created_at": string;
          "description": string | null;
          "fields_affected": (string)[];
          "id": string;
          "queued_count": number;
          "reextract": boolean;
          "scan_after": string | null;
          "scan_finished_at": string | null;
          "scan_host": string;
          "scanned_count": number;
          "scraper_name": string;
          "version": string;
          "backfilled_count": number | null;
        };
        ComputedFields: "backfilled_count";
        Insert: {
          "backfill_priority"?: number;
          "backfill_required"?: boolean;
          "created_at"?: string;
          "description"?: string | null;
          "fields_affected": (string)[];
          "id"?: string;
          "queued_count"?: number;
          "reextract"?: boolean;
          "scan_after"?: string | null;
          "scan_finished_at"?: string | null;
          "scan_host"?: string;
          "scanned_count"?: number;
          "scraper_name": string;
          "version": string;
        };
        Update: {
          "backfill_priority"?: number;
          "backfill_required"?: boolean;
          "created_at"?: string;
          "description"?: string | null;
          "fields_affected"?: (string)[];
          "id"?: string;
          "queued_count"?: number;
          "reextract"?: boolean;
          "scan_after"?: string | null;
          "scan_finished_at"?: string | null;
          "scan_host"?: string;
          "scanned_count"?: number;
          "scraper_name"?: string;
          "version"?: string;
        };
        Relationships: [];
      };
      "scraping_health": {
        Row: {
          "bytes": number;
          "created_at": string;
          "host": string | null;
          "id": number;
          "message": string | null;
          "ms": number;
          "outcome": string;
          "source": string;
          "status": number | null;
          "url": string;
        };
        ComputedFields: never;
        Insert: {
          "bytes"?: number;
          "created_at"?: string;
          "host"?: string | null;
          "id"?: never;
          "message"?: string | null;
          "ms": number;
          "outcome": string;
          "source": string;
          "status"?: number | null;
          "url": string;
        };
        Update: {
          "bytes"?: number;
          "created_at"?: string;
          "host"?: string | null;
          "id"?: never;
          "message"?: string | null;
          "ms"?: number;
          "outcome"?: string;
          "source"?: string;
          "status"?: number | null;
          "url"?: string;
        };
        Relationships: [];
      };
      "source_address_patterns": {
        Row: {
          "checked_at": string;
          "examples": (string)[];
          "is_listing": boolean;
          "learned_from": number;
          "listings_read": number;
          "others_read": number;
          "pattern": string;
          "source_id": string;
        };
        ComputedFields: never;
        Insert: {
          "checked_at"?: string;
          "examples"?: (string)[];
          "is_listing": boolean;
          "learned_from"?: number;
          "listings_read"?: number;
          "others_read"?: number;
          "pattern": string;
          "source_id": string;
        };
        Update: {
          "checked_at"?: string;
          "examples"?: (string)[];
          "is_listing"?: boolean;
          "learned_from"?: number;
          "listings_read"?: number;
          "others_read"?: number;
          "pattern"?: string;
          "source_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "source_address_patterns_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "scrape_sources";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "source_address_patterns_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "source_candidates_to_review";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "source_address_patterns_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "source_lifecycle";
            referencedColumns: ["id"];
          },
        ];
      };
      "source_comparisons": {
        Row: {
          "agrees": boolean;
          "compared_at": string;
          "declared_confidence": number | null;
          "field_name": string;
          "host": string;
          "is_independent": boolean;
          "other_declared_confidence": number | null;
          "other_host": string;
          "other_reading_way": string | null;
          "reading_way": string | null;
          "vehicle_id": string;
        };
        ComputedFields: never;
        Insert: {
          "agrees": boolean;
          "compared_at"?: string;
          "declared_confidence"?: number | null;
          "field_name": string;
          "host": string;
          "is_independent"?: boolean;
          "other_declared_confidence"?: number | null;
          "other_host": string;
          "other_reading_way"?: string | null;
          "reading_way"?: string | null;
          "vehicle_id": string;
        };
        Update: {
          "agrees"?: boolean;
          "compared_at"?: string;
          "declared_confidence"?: number | null;
          "field_name"?: string;
          "host"?: string;
          "is_independent"?: boolean;
          "other_declared_confidence"?: number | null;
          "other_host"?: string;
          "other_reading_way"?: string | null;
          "reading_way"?: string | null;
          "vehicle_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "source_comparisons_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "source_comparisons_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "source_comparisons_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "source_comparisons_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "source_comparisons_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "source_comparisons_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "source_health": {
        Row: {
          "avg_quality_score": number | null;
          "baseline_quality_score": number | null;
          "baseline_success_rate": number | null;
          "cycle_id": string;
          "error_rate": number | null;
          "fields": NonNullable<Json>;
          "hosts": (string)[];
          "id": string;
          "last_checked": string;
          "readings": number;
          "requests": number;
          "source_id": string;
          "status": string | null;
          "success_rate": number | null;
          "vehicles_extracted": number | null;
          "why": string | null;
        };
        ComputedFields: never;
        Insert: {
          "avg_quality_score"?: number | null;
          "baseline_quality_score"?: number | null;
          "baseline_success_rate"?: number | null;
          "cycle_id": string;
          "error_rate"?: number | null;
          "fields"?: NonNullable<Json>;
          "hosts"?: (string)[];
          "id"?: string;
          "last_checked"?: string;
          "readings"?: number;
          "requests"?: number;
          "source_id": string;
          "status"?: string | null;
          "success_rate"?: number | null;
          "vehicles_extracted"?: number | null;
          "why"?: string | null;
        };
        Update: {
          "avg_quality_score"?: number | null;
          "baseline_quality_score"?: number | null;
          "baseline_success_rate"?: number | null;
          "cycle_id"?: string;
          "error_rate"?: number | null;
          "fields"?: NonNullable<Json>;
          "hosts"?: (string)[];
          "id"?: string;
          "last_checked"?: string;
          "readings"?: number;
          "requests"?: number;
          "source_id"?: string;
          "status"?: string | null;
          "success_rate"?: number | null;
          "vehicles_extracted"?: number | null;
          "why"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "source_health_cycle_id_fkey";
            columns: ["cycle_id"];
            isOneToOne: false;
            referencedRelation: "fill_cycles";
            referencedColumns: ["cycle_id"];
          },
          {
            foreignKeyName: "source_health_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "scrape_sources";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "source_health_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "source_candidates_to_review";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "source_health_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "source_lifecycle";
            referencedColumns: ["id"];
          },
        ];
      };
      "source_hosts": {
        Row: {
          "breaker": string;
          "budget_until": string | null;
          "consecutive_errors": number;
          "consecutive_refusals": number;
          "covers_wait_since": string | null;
          "covers_wait_until": string | null;
          "crawl_delay_ms": number | null;
          "created_at": string;
          "error_threshold": number | null;
          "galleries_wait_since": string | null;
          "good_answers": number;
          "host": string;
          "interval_ms": number;
          "last_answered_at": string | null;
          "last_message": string | null;
          "last_outcome": string | null;
          "min_interval_ms": number;
          "new_pages_budget": number | null;
          "new_pages_used": number;
          "next_slot_at": string;
          "noted_slowed_ms": number | null;
          "opened_at": string | null;
          "opened_because": string | null;
          "paced_at": string | null;
          "paced_because": string | null;
          "pages_wait_until": string | null;
          "probe_holder": string | null;
          "probe_until": string | null;
          "refusal_threshold": number;
          "retry_after": string | null;
          "retry_at": string | null;
          "robots_body": string | null;
          "robots_error": string | null;
          "robots_fetched_at": string | null;
          "robots_fresh_until": string | null;
          "robots_status": number | null;
          "slowdowns": number;
          "slowed_interval_ms": number | null;
          "times_opened": number;
          "usual_answer_ms": number | null;
        };
        ComputedFields: never;
        Insert: {
          "breaker"?: string;
          "budget_until"?: string | null;
          "consecutive_errors"?: number;
          "consecutive_refusals"?: number;
          "covers_wait_since"?: string | null;
          "covers_wait_until"?: string | null;
          "crawl_delay_ms"?: number | null;
          "created_at"?: string;
          "error_threshold"?: number | null;
          "galleries_wait_since"?: string | null;
          "good_answers"?: number;
          "host": string;
          "interval_ms"?: never;
          "last_answered_at"?: string | null;
          "last_message"?: string | null;
          "last_outcome"?: string | null;
          "min_interval_ms"?: number;
          "new_pages_budget"?: number | null;
          "new_pages_used"?: number;
          "next_slot_at"?: string;
          "noted_slowed_ms"?: number | null;
          "opened_at"?: string | null;
          "opened_because"?: string | null;
          "paced_at"?: string | null;
          "paced_because"?: string | null;
          "pages_wait_until"?: string | null;
          "probe_holder"?: string | null;
          "probe_until"?: string | null;
          "refusal_threshold"?: number;
          "retry_after"?: string | null;
          "retry_at"?: string | null;
          "robots_body"?: string | null;
          "robots_error"?: string | null;
          "robots_fetched_at"?: string | null;
          "robots_fresh_until"?: string | null;
          "robots_status"?: number | null;
          "slowdowns"?: number;
          "slowed_interval_ms"?: number | null;
          "times_opened"?: number;
          "usual_answer_ms"?: number | null;
        };
        Update: {
          "breaker"?: string;
          "budget_until"?: string | null;
          "consecutive_errors"?: number;
          "consecutive_refusals"?: number;
          "covers_wait_since"?: string | null;
          "covers_wait_until"?: string | null;
          "crawl_delay_ms"?: number | null;
          "created_at"?: string;
          "error_threshold"?: number | null;
          "galleries_wait_since"?: string | null;
          "good_answers"?: number;
          "host"?: string;
          "interval_ms"?: never;
          "last_answered_at"?: string | null;
          "last_message"?: string | null;
          "last_outcome"?: string | null;
          "min_interval_ms"?: number;
          "new_pages_budget"?: number | null;
          "new_pages_used"?: number;
          "next_slot_at"?: string;
          "noted_slowed_ms"?: number | null;
          "opened_at"?: string | null;
          "opened_because"?: string | null;
          "paced_at"?: string | null;
          "paced_because"?: string | null;
          "pages_wait_until"?: string | null;
          "probe_holder"?: string | null;
          "probe_until"?: string | null;
          "refusal_threshold"?: number;
          "retry_after"?: string | null;
          "retry_at"?: string | null;
          "robots_body"?: string | null;
          "robots_error"?: string | null;
          "robots_fetched_at"?: string | null;
          "robots_fresh_until"?: string | null;
          "robots_status"?: number | null;
          "slowdowns"?: number;
          "slowed_interval_ms"?: number | null;
          "times_opened"?: number;
          "usual_answer_ms"?: number | null;
        };
        Relationships: [];
      };
      "source_lifecycle_events": {
        Row: {
          "at": string;
          "cycle_id": string | null;
          "decided_by": string;
          "from_lifecycle": string | null;
          "id": number;
          "metrics": NonNullable<Json>;
          "reason": string;
          "source_id": string;
          "to_lifecycle": string;
        };
        ComputedFields: never;
        Insert: {
          "at"?: string;
          "cycle_id"?: string | null;
          "decided_by"?: string;
          "from_lifecycle"?: string | null;
          "id"?: never;
          "metrics"?: NonNullable<Json>;
          "reason": string;
          "source_id": string;
          "to_lifecycle": string;
        };
        Update: {
          "at"?: string;
          "cycle_id"?: string | null;
          "decided_by"?: string;
          "from_lifecycle"?: string | null;
          "id"?: never;
          "metrics"?: NonNullable<Json>;
          "reason"?: string;
          "source_id"?: string;
          "to_lifecycle"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "source_lifecycle_events_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "scrape_sources";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "source_lifecycle_events_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "source_candidates_to_review";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "source_lifecycle_events_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "source_lifecycle";
            referencedColumns: ["id"];
          },
        ];
      };
      "source_probe_requests": {
        Row: {
          "asked_at": string;
          "id": number;
          "outcome": string | null;
          "probe_id": string;
          "result": NonNullable<Json>;
          "role": string;
          "times_asked": number;
          "url": string;
        };
        ComputedFields: never;
        Insert: {
          "asked_at"?: string;
          "id"?: never;
          "outcome"?: string | null;
          "probe_id": string;
          "result"?: NonNullable<Json>;
          "role": string;
          "times_asked"?: number;
          "url": string;
        };
        Update: {
          "asked_at"?: string;
          "id"?: never;
          "outcome"?: string | null;
          "probe_id"?: string;
          "result"?: NonNullable<Json>;
          "role"?: string;
          "times_asked"?: number;
          "url"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "source_probe_requests_probe_id_fkey";
            columns: ["probe_id"];
            isOneToOne: false;
            referencedRelation: "source_probes";
            referencedColumns: ["id"];
          },
        ];
      };
      "source_probes": {
        Row: {
          "attempts": number;
          "completed_at": string | null;
          "created_at": string;
          "cycle_id": string | null;
          "failure": string | null;
          "id": string;
          "lease_expires_at": string | null;
          "lease_token": string | null;
          "next_attempt_at": string | null;
          "reason": string | null;
          "source_id": string;
          "status": string;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "completed_at"?: string | null;
          "created_at"?: string;
          "cycle_id"?: string | null;
          "failure"?: string | null;
          "id"?: string;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "next_attempt_at"?: string | null;
          "reason"?: string | null;
          "source_id": string;
          "status"?: string;
        };
        Update: {
          "attempts"?: number;
          "completed_at"?: string | null;
          "created_at"?: string;
          "cycle_id"?: string | null;
          "failure"?: string | null;
          "id"?: string;
          "lease_expires_at"?: string | null;
          "lease_token"?: string | null;
          "next_attempt_at"?: string | null;
          "reason"?: string | null;
          "source_id"?: string;
          "status"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "source_probes_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "scrape_sources";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "source_probes_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "source_candidates_to_review";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "source_probes_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "source_lifecycle";
            referencedColumns: ["id"];
          },
        ];
      };
      "source_strategies": {
        Row: {
          "best_ways": NonNullable<Json>;
          "created_at": string;
          "learned_at": string | null;
          "lists_interval": string | null;
          "lists_new_per_hour": number | null;
          "pinned_lists_interval": string | null;
          "pinned_retry_waits": NonNullable<Json>;
          "retry_waits": NonNullable<Json>;
          "source_id": string;
        };
        ComputedFields: never;
        Insert: {
          "best_ways"?: NonNullable<Json>;
          "created_at"?: string;
          "learned_at"?: string | null;
          "lists_interval"?: string | null;
          "lists_new_per_hour"?: number | null;
          "pinned_lists_interval"?: string | null;
          "pinned_retry_waits"?: NonNullable<Json>;
          "retry_waits"?: NonNullable<Json>;
          "source_id": string;
        };
        Update: {
          "best_ways"?: NonNullable<Json>;
          "created_at"?: string;
          "learned_at"?: string | null;
          "lists_interval"?: string | null;
          "lists_new_per_hour"?: number | null;
          "pinned_lists_interval"?: string | null;
          "pinned_retry_waits"?: NonNullable<Json>;
          "retry_waits"?: NonNullable<Json>;
          "source_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "source_strategies_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: true;
            referencedRelation: "scrape_sources";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "source_strategies_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: true;
            referencedRelation: "source_candidates_to_review";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "source_strategies_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: true;
            referencedRelation: "source_lifecycle";
            referencedColumns: ["id"];
          },
        ];
      };
      "suspect_vins": {
        Row: {
          "created_at": string;
          "make": string | null;
          "note": string | null;
          "status": string;
          "updated_at": string;
          "vin": string;
          "vin_key": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "make"?: string | null;
          "note"?: string | null;
          "status"?: string;
          "updated_at"?: string;
          "vin": string;
          "vin_key": string;
        };
        Update: {
          "created_at"?: string;
          "make"?: string | null;
          "note"?: string | null;
          "status"?: string;
          "updated_at"?: string;
          "vin"?: string;
          "vin_key"?: string;
        };
        Relationships: [];
      };
      "vehicle_images": {
        Row: {
          "bytes": number;
          "content_hash": string;
          "created_at": string;
          "height": number;
          "id": string;
          "image_url": string;
          "is_primary": boolean;
          "mime_type": string;
          "position": number;
          "storage_path": string;
          "vehicle_id": string;
          "width": number;
        };
        ComputedFields: never;
        Insert: {
          "bytes": number;
          "content_hash": string;
          "created_at"?: string;
          "height": number;
          "id"?: string;
          "image_url": string;
          "is_primary"?: boolean;
          "mime_type": string;
          "position": number;
          "storage_path": string;
          "vehicle_id": string;
          "width": number;
        };
        Update: {
          "bytes"?: number;
          "content_hash"?: string;
          "created_at"?: string;
          "height"?: number;
          "id"?: string;
          "image_url"?: string;
          "is_primary"?: boolean;
          "mime_type"?: string;
          "position"?: number;
          "storage_path"?: string;
          "vehicle_id"?: string;
          "width"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "vehicle_images_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_images_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_images_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "vehicle_images_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_images_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_images_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "vehicle_listings": {
        Row: {
          "canonical_url": string;
          "currency": string | null;
          "ended_at": string | null;
          "ended_because": string | null;
          "first_seen_at": string;
          "id": number;
          "kind": string;
          "last_seen_at": string;
          "likeness": string | null;
          "listed_at": string;
          "listing_url": string;
          "mileage": number | null;
          "offer": NonNullable<Json>;
          "page_at": string | null;
          "price": number | null;
          "seller": string | null;
          "source_host": string | null;
          "status": string;
          "title": string | null;
          "vehicle_id": string;
        };
        ComputedFields: never;
        Insert: {
          "canonical_url"?: never;
          "currency"?: string | null;
          "ended_at"?: string | null;
          "ended_because"?: string | null;
          "first_seen_at"?: string;
          "id"?: never;
          "kind": string;
          "last_seen_at"?: string;
          "likeness"?: string | null;
          "listed_at"?: string;
          "listing_url": string;
          "mileage"?: number | null;
          "offer"?: NonNullable<Json>;
          "page_at"?: string | null;
          "price"?: number | null;
          "seller"?: string | null;
          "source_host"?: never;
          "status"?: string;
          "title"?: string | null;
          "vehicle_id": string;
        };
        Update: {
          "canonical_url"?: never;
          "currency"?: string | null;
          "ended_at"?: string | null;
          "ended_because"?: string | null;
          "first_seen_at"?: string;
          "id"?: never;
          "kind"?: string;
          "last_seen_at"?: string;
          "likeness"?: string | null;
          "listed_at"?: string;
          "listing_url"?: string;
          "mileage"?: number | null;
          "offer"?: NonNullable<Json>;
          "page_at"?: string | null;
          "price"?: number | null;
          "seller"?: string | null;
          "source_host"?: never;
          "status"?: string;
          "title"?: string | null;
          "vehicle_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "vehicle_listings_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_listings_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_listings_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "vehicle_listings_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_listings_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_listings_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "vehicle_merge_candidates": {
        Row: {
          "assessed_at": string | null;
          "created_at": string;
          "evidence": Json | null;
          "id": string;
          "note": string | null;
          "other_vehicle_id": string;
          "resolved_at": string | null;
          "score": number | null;
          "status": string;
          "vehicle_id": string;
          "vin": string;
        };
        ComputedFields: never;
        Insert: {
          "assessed_at"?: string | null;
          "created_at"?: string;
          "evidence"?: Json | null;
          "id"?: string;
          "note"?: string | null;
          "other_vehicle_id": string;
          "resolved_at"?: string | null;
          "score"?: number | null;
          "status"?: string;
          "vehicle_id": string;
          "vin": string;
        };
        Update: {
          "assessed_at"?: string | null;
          "created_at"?: string;
          "evidence"?: Json | null;
          "id"?: string;
          "note"?: string | null;
          "other_vehicle_id"?: string;
          "resolved_at"?: string | null;
          "score"?: number | null;
          "status"?: string;
          "vehicle_id"?: string;
          "vin"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "vehicle_merge_candidates_other_vehicle_id_fkey";
            columns: ["other_vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_other_vehicle_id_fkey";
            columns: ["other_vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_other_vehicle_id_fkey";
            columns: ["other_vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_other_vehicle_id_fkey";
            columns: ["other_vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_other_vehicle_id_fkey";
            columns: ["other_vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_other_vehicle_id_fkey";
            columns: ["other_vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "vehicle_merges": {
        Row: {
          "before": Json | null;
          "by_itself": boolean;
          "created_at": string;
          "fields_taken": (string)[];
          "id": string;
          "kept_vehicle_id": string | null;
          "merged_by": string;
          "merged_vehicle": NonNullable<Json>;
          "merged_vehicle_id": string;
          "note": string | null;
          "number": number;
          "unmerged_at": string | null;
        };
        ComputedFields: never;
        Insert: {
          "before"?: Json | null;
          "by_itself"?: boolean;
          "created_at"?: string;
          "fields_taken": (string)[];
          "id"?: string;
          "kept_vehicle_id"?: string | null;
          "merged_by": string;
          "merged_vehicle": NonNullable<Json>;
          "merged_vehicle_id": string;
          "note"?: string | null;
          "number"?: never;
          "unmerged_at"?: string | null;
        };
        Update: {
          "before"?: Json | null;
          "by_itself"?: boolean;
          "created_at"?: string;
          "fields_taken"?: (string)[];
          "id"?: string;
          "kept_vehicle_id"?: string | null;
          "merged_by"?: string;
          "merged_vehicle"?: NonNullable<Json>;
          "merged_vehicle_id"?: string;
          "note"?: string | null;
          "number"?: never;
          "unmerged_at"?: string | null;
        };
        Relationships: [];
      };
      "vehicle_quality_scores": {
        Row: {
          "created_at": string;
          "issues": (string)[];
          "low_confidence_fields": (string)[];
          "missing_fields": (string)[];
          "overall_score": number;
          "score_version": number;
          "updated_at": string;
          "vehicle_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "issues"?: (string)[];
          "low_confidence_fields"?: (string)[];
          "missing_fields"?: (string)[];
          "overall_score": number;
          "score_version"?: number;
          "updated_at"?: string;
          "vehicle_id": string;
        };
        Update: {
          "created_at"?: string;
          "issues"?: (string)[];
          "low_confidence_fields"?: (string)[];
          "missing_fields"?: (string)[];
          "overall_score"?: number;
          "score_version"?: number;
          "updated_at"?: string;
          "vehicle_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "vehicle_quality_scores_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_quality_scores_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_quality_scores_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "vehicle_quality_scores_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_quality_scores_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_quality_scores_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: true;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "vehicle_score_history": {
        Row: {
          "complete_count": number;
          "day": string;
          "mean_score": number;
          "measured_at": string;
          "source_id": string;
          "vehicles_count": number;
        };
        ComputedFields: never;
        Insert: {
          "complete_count": number;
          "day": string;
          "mean_score": number;
          "measured_at"?: string;
          "source_id": string;
          "vehicles_count": number;
        };
        Update: {
          "complete_count"?: number;
          "day"?: string;
          "mean_score"?: number;
          "measured_at"?: string;
          "source_id"?: string;
          "vehicles_count"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "vehicle_score_history_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "scrape_sources";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "vehicle_score_history_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "source_candidates_to_review";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "vehicle_score_history_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "source_lifecycle";
            referencedColumns: ["id"];
          },
        ];
      };
      "vehicles": {
        Row: {
          "asking_price": number | null;
          "bat_auction_url": string | null;
          "body_style": string | null;
          "canonical_url": string | null;
          "color": string | null;
          "created_at": string;
          "currency": string | null;
          "description": string | null;
          "description_source": string | null;
          "discovery_url": string | null;
          "drivetrain": string | null;
          "engine": string | null;
          "field_state": NonNullable<Json>;
          "high_bid": number | null;
          "id": string;
          "interior_color": string | null;
          "listing_ended_at": string | null;
          "listing_url": string | null;
          "location": string | null;
          "make": string | null;
          "mileage": number | null;
          "model": string | null;
          "origin_metadata": NonNullable<Json>;
          "sale_date": string | null;
          "sale_price": number | null;
          "sale_status": string | null;
          "seller_name": string | null;
          "source_host": string | null;
          "transmission": string | null;
          "trim": string | null;
          "updated_at": string;
          "vin": string | null;
          "year": number | null;
        };
        ComputedFields: never;
        Insert: {
          "asking_price"?: number | null;
          "bat_auction_url"?: string | null;
          "body_style"?: string | null;
          "canonical_url"?: never;
          "color"?: string | null;
          "created_at"?: string;
          "currency"?: string | null;
          "description"?: string | null;
          "description_source"?: string | null;
          "discovery_url"?: string | null;
          "drivetrain"?: string | null;
          "engine"?: string | null;
          "field_state"?: NonNullable<Json>;
          "high_bid"?: number | null;
          "id"?: string;
          "interior_color"?: string | null;
          "listing_ended_at"?: string | null;
          "listing_url"?: string | null;
          "location"?: string | null;
          "make"?: string | null;
          "mileage"?: number | null;
          "model"?: string | null;
          "origin_metadata"?: NonNullable<Json>;
          "sale_date"?: string | null;
          "sale_price"?: number | null;
          "sale_status"?: string | null;
          "seller_name"?: string | null;
          "source_host"?: never;
          "transmission"?: string | null;
          "trim"?: string | null;
          "updated_at"?: string;
          "vin"?: string | null;
          "year"?: number | null;
        };
        Update: {
          "asking_price"?: number | null;
          "bat_auction_url"?: string | null;
          "body_style"?: string | null;
          "canonical_url"?: never;
          "color"?: string | null;
          "created_at"?: string;
          "currency"?: string | null;
          "description"?: string | null;
          "description_source"?: string | null;
          "discovery_url"?: string | null;
          "drivetrain"?: string | null;
          "engine"?: string | null;
          "field_state"?: NonNullable<Json>;
          "high_bid"?: number | null;
          "id"?: string;
          "interior_color"?: string | null;
          "listing_ended_at"?: string | null;
          "listing_url"?: string | null;
          "location"?: string | null;
          "make"?: string | null;
          "mileage"?: number | null;
          "model"?: string | null;
          "origin_metadata"?: NonNullable<Json>;
          "sale_date"?: string | null;
          "sale_price"?: number | null;
          "sale_status"?: string | null;
          "seller_name"?: string | null;
          "source_host"?: never;
          "transmission"?: string | null;
          "trim"?: string | null;
          "updated_at"?: string;
          "vin"?: string | null;
          "year"?: number | null;
        };
        Relationships: [];
      };
      "worker_invocations": {
        Row: {
          "answered_at": string | null;
          "ended_at": string | null;
          "error": string | null;
          "function_name": string;
          "id": number;
          "invoked_at": string;
          "request_id": number | null;
          "rows_claimed": number | null;
          "status_code": number | null;
        };
        ComputedFields: never;
        Insert: {
          "answered_at"?: string | null;
          "ended_at"?: string | null;
          "error"?: string | null;
          "function_name": string;
          "id"?: never;
          "invoked_at"?: string;
          "request_id"?: number | null;
          "rows_claimed"?: number | null;
          "status_code"?: number | null;
        };
        Update: {
          "answered_at"?: string | null;
          "ended_at"?: string | null;
          "error"?: string | null;
          "function_name"?: string;
          "id"?: never;
          "invoked_at"?: string;
          "request_id"?: number | null;
          "rows_claimed"?: number | null;
          "status_code"?: number | null;
        };
        Relationships: [];
      };
    };
    Views: {
      "audit_sample": {
        Row: {
          "confidence_score": number;
          "evidence": string | null;
          "extracted_at": string;
          "field_name": string;
          "field_value": string | null;
          "id": number;
          "make": string | null;
          "model": string | null;
          "reading_way": string | null;
          "source_url": string | null;
          "stands_for": number | null;
          "vehicle_id": string;
          "week": string;
          "what_to_do": string | null;
          "year": number | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "backfill_dashboard": {
        Row: {
          "avg_quality_score": number | null;
          "count": number | null;
          "reason": string;
          "status": string;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "calibration_report": {
        Row: {
          "accepted": number | null;
          "bin": string | null;
          "brier": number | null;
          "confidences": string | null;
          "ece": number | null;
          "mean_confidence": number | null;
          "n": number | null;
          "version": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "dead_letters": {
        Row: {
          "attempts": number | null;
          "error": string | null;
          "failed_at": string | null;
          "id": string | null;
          "outcome_code": string | null;
          "queue": string | null;
          "queued_again_at": string | null;
          "step_name": string | null;
          "url": string | null;
          "vehicle_id": string | null;
          "what_to_type": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "extraction_conflicts": {
        Row: {
          "evidence": string | null;
          "field_name": string;
          "held_confidence": number | null;
          "held_method": string | null;
          "held_value": string | null;
          "id": number;
          "last_confirmed_at": string;
          "make": string | null;
          "model": string | null;
          "other_confidence": number;
          "other_method": string;
          "other_value": string | null;
          "source_url": string | null;
          "vehicle_id": string;
          "year": number | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "fill_monthly": {
        Row: {
          "avg_quality": number | null;
          "avg_quality_before": number | null;
          "cycle_success_rate": number | null;
          "cycle_success_target": number | null;
          "cycles": number | null;
          "cycles_capacity_limited": number | null;
          "cycles_missed": number | null;
          "month": string | null;
          "on_target": boolean | null;
          "quality_target": number | null;
          "source_uptime": number | null;
          "source_uptime_target": number | null;
          "sources_added": number | null;
          "vehicles_added": number | null;
          "vehicles_added_before": number | null;
          "vehicles_at_end": number | null;
          "vehicles_target": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "fill_status": {
        Row: {
          "added": number | null;
          "cycle_id": string | null;
          "next": string | null;
          "next_at": string | null;
          "projected": number | null;
          "since": string | null;
          "slot": string | null;
          "state": string | null;
          "target": number | null;
          "verdict": string | null;
          "what_to_type": string | null;
          "why": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "fill_weekly": {
        Row: {
          "avg_quality": number | null;
          "cycle_success_rate": number | null;
          "cycle_success_target": number | null;
          "cycles": number | null;
          "cycles_missed": number | null;
          "on_target": boolean | null;
          "quality_target": number | null;
          "source_uptime": number | null;
          "source_uptime_target": number | null;
          "sources_added": number | null;
          "sources_target": number | null;
          "vehicles_added": number | null;
          "vehicles_target": number | null;
          "week": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "freshness_status": {
        Row: {
          "changes_24h": number | null;
          "due": number | null;
          "failing": number | null;
          "last_look_median": string | null;
          "last_look_p95": string | null;
          "listings": number | null;
          "look_every": string | null;
          "looks_index_24h": number | null;
          "looks_not_modified_24h": number | null;
          "looks_page_24h": number | null;
          "out_of_date": number | null;
          "overdue": number | null;
          "rate_per_day": number | null;
          "source_host": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "image_download_status": {
        Row: {
          "duplicates": number | null;
          "failed": number | null;
          "gone": number | null;
          "host": string;
          "in_progress": number | null;
          "next_attempt_at": string | null;
          "stored": number | null;
          "urls": number | null;
          "vehicle_id": string;
          "waiting": number | null;
          "why": string | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "image_downloads_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "image_downloads_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "image_downloads_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "image_downloads_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "image_downloads_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "image_downloads_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "learning_status": {
        Row: {
          "changed": string | null;
          "kind": string | null;
          "learned_from": string | null;
          "since": string | null;
          "source": string | null;
          "state": string | null;
          "subject": string | null;
          "what": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "listing_feed_status": {
        Row: {
          "about": string;
          "check_interval": string;
          "failures": number;
          "id": string;
          "interval_because": string | null;
          "interval_now": string | null;
          "kind": string;
          "last_checked_at": string | null;
          "last_found": number | null;
          "last_found_at": string | null;
          "last_known": number | null;
          "last_new": number | null;
          "last_outcome": string | null;
          "last_skipped": number | null;
          "new_per_hour": number | null;
          "next_check_at": string | null;
          "pages": number;
          "source": string | null;
          "state": string | null;
          "url": string;
          "what_to_do": string | null;
          "why": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "low_confidence_extractions": {
        Row: {
          "confidence_score": number;
          "evidence": string | null;
          "extracted_at": string;
          "extraction_method": string;
          "field_name": string;
          "field_value": string | null;
          "id": number;
          "make": string | null;
          "model": string | null;
          "scraper_version": string | null;
          "source_url": string | null;
          "vehicle_id": string;
          "why": string | null;
          "year": number | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "extraction_metadata_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "merge_candidates_to_review": {
        Row: {
          "evidence": Json | null;
          "id": string;
          "listings": Json | null;
          "makes": Json | null;
          "mileages": Json | null;
          "models": Json | null;
          "note": string | null;
          "other_vehicle_id": string;
          "score": number | null;
          "sellers": Json | null;
          "since": string;
          "vehicle_id": string;
          "vin": string;
          "vins": Json | null;
          "what_to_type": string | null;
          "years": Json | null;
        };
        ComputedFields: never;
        Insert: {
          "evidence"?: Json | null;
          "id"?: string | null;
          "listings"?: never;
          "makes"?: never;
          "mileages"?: never;
          "models"?: never;
          "note"?: string | null;
          "other_vehicle_id"?: string | null;
          "score"?: number | null;
          "sellers"?: never;
          "since"?: string | null;
          "vehicle_id"?: string | null;
          "vin"?: string | null;
          "vins"?: never;
          "what_to_type"?: never;
          "years"?: never;
        };
        Update: {
          "evidence"?: Json | null;
          "id"?: string | null;
          "listings"?: never;
          "makes"?: never;
          "mileages"?: never;
          "models"?: never;
          "note"?: string | null;
          "other_vehicle_id"?: string | null;
          "score"?: number | null;
          "sellers"?: never;
          "since"?: string | null;
          "vehicle_id"?: string | null;
          "vin"?: string | null;
          "vins"?: never;
          "what_to_type"?: never;
          "years"?: never;
        };
        Relationships: [
          {
            foreignKeyName: "vehicle_merge_candidates_other_vehicle_id_fkey";
            columns: ["other_vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_other_vehicle_id_fkey";
            columns: ["other_vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_other_vehicle_id_fkey";
            columns: ["other_vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_other_vehicle_id_fkey";
            columns: ["other_vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_other_vehicle_id_fkey";
            columns: ["other_vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_other_vehicle_id_fkey";
            columns: ["other_vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_merge_candidates_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "outside_worker_status": {
        Row: {
          "functions": (string)[];
          "name": string;
          "places": number;
          "seen_at": string;
          "started_at": string;
          "state": string | null;
          "why": string | null;
        };
        ComputedFields: never;
        Insert: {
          "functions"?: (string)[] | null;
          "name"?: string | null;
          "places"?: number | null;
          "seen_at"?: string | null;
          "started_at"?: string | null;
          "state"?: never;
          "why"?: never;
        };
        Update: {
          "functions"?: (string)[] | null;
          "name"?: string | null;
          "places"?: number | null;
          "seen_at"?: string | null;
          "started_at"?: string | null;
          "state"?: never;
          "why"?: never;
        };
        Relationships: [];
      };
      "pipeline_status": {
        Row: {
          "by_itself": string | null;
          "part": string | null;
          "since": string | null;
          "state": string | null;
          "waits": string | null;
          "what": string | null;
          "what_to_type": string | null;
          "why": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "price_drops": {
        Row: {
          "at": string;
          "currency": string | null;
          "dropped_by": number | null;
          "dropped_percent": number | null;
          "listing_url": string;
          "make": string | null;
          "model": string | null;
          "price": number | null;
          "price_from": number | null;
          "source": string | null;
          "status": string;
          "vehicle_id": string;
          "year": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "price_history": {
        Row: {
          "at": string;
          "change": number | null;
          "change_percent": number | null;
          "currency": string | null;
          "listing_id": number;
          "listing_url": string;
          "price": number | null;
          "price_from": number | null;
          "source": string | null;
          "status": string;
          "vehicle_id": string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "vehicle_listings_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_listings_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_listings_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "vehicle_listings_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_listings_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "vehicle_listings_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "recent_step_failures": {
        Row: {
          "duration_ms": number | null;
          "error": string | null;
          "failed_at": string;
          "next_retry_at": string | null;
          "outcome_code": string | null;
          "retried_by": string | null;
          "source": string | null;
          "state": string | null;
          "step_name": string;
          "url": string | null;
          "vehicle": string | null;
          "vehicle_id": string | null;
          "what_to_type": string | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "scrape_steps_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "price_drops";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "scrape_steps_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "scrape_failure_analysis";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "scrape_steps_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "scrape_steps_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_needing_micro_scrape";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "scrape_steps_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_not_improving";
            referencedColumns: ["vehicle_id"];
          },
          {
            foreignKeyName: "scrape_steps_vehicle_id_fkey";
            columns: ["vehicle_id"];
            isOneToOne: false;
            referencedRelation: "vehicles_with_partial_failures";
            referencedColumns: ["vehicle_id"];
          },
        ];
      };
      "retry_queue_status": {
        Row: {
          "completed_last_day": number | null;
          "due": number | null;
          "failed": number | null;
          "failed_last_day": number | null;
          "last_error": string | null;
          "next_retry_at": string | null;
          "oldest_open_at": string | null;
          "processing": number | null;
          "step_name": string | null;
          "success_rate_last_day": number | null;
          "waiting": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "scrape_failure_analysis": {
        Row: {
          "actual_image_count": number | null;
          "created_at": string;
          "discovery_url": string | null;
          "failure_type": string | null;
          "make": string | null;
          "model": string | null;
          "stored_image_count": string | null;
          "vehicle_id": string;
          "year": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "scraper_version_status": {
        Row: {
          "all_queued": boolean | null;
          "backfill_priority": number;
          "backfill_required": boolean;
          "backfilled_count": number | null;
          "completed": number | null;
          "created_at": string;
          "deployed_version": string | null;
          "failed": number | null;
          "fields_affected": (string)[];
          "id": string;
          "moved_on": number | null;
          "pending": number | null;
          "processing": number | null;
          "queued_count": number;
          "scraper_name": string;
          "version": string;
          "waits_for_deployment": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "scrapers_ahead_of_registry": {
        Row: {
          "deployed_version": string;
          "meaning": string | null;
          "registered_version": string | null;
          "scraper_name": string;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "shared_vins": {
        Row: {
          "make": string | null;
          "note": string | null;
          "since": string | null;
          "sources": number | null;
          "vehicles": number | null;
          "vin": string | null;
          "what": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "snapshot_storage_by_source": {
        Row: {
          "host": string | null;
          "listings": number | null;
          "newest_seen_at": string | null;
          "objects": number | null;
          "oldest_seen_at": string | null;
          "pages": number | null;
          "scraper_name": string | null;
          "stored": string | null;
          "stored_bytes": number | null;
          "times_packed": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "source_agreement": {
        Row: {
          "agreed": number | null;
          "compared": number | null;
          "field_name": string | null;
          "host": string | null;
          "hosts": number | null;
          "hosts_that_disagree": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "source_candidates_to_review": {
        Row: {
          "addresses": (string)[] | null;
          "feeds": (string)[] | null;
          "found_by": string;
          "host": string | null;
          "id": string;
          "kind": string;
          "probed_at": string | null;
          "read": Json | null;
          "to_approve": string | null;
          "to_reject": string | null;
          "why": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "source_drift": {
        Row: {
          "example_reason": string | null;
          "example_url": string | null;
          "is_drifting": boolean | null;
          "last_unreadable_at": string | null;
          "pages_read": number | null;
          "source_host": string | null;
          "unreadable": number | null;
          "unreadable_percent": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "source_host_status": {
        Row: {
          "attempts_24h": number | null;
          "breaker": string;
          "host": string;
          "interval_because": string | null;
          "interval_ms": number;
          "last_answered_at": string | null;
          "last_message": string | null;
          "last_outcome": string | null;
          "new_pages_left": number | null;
          "robots": string | null;
          "robots_fetched_at": string | null;
          "served_24h": number | null;
          "until": string | null;
          "why": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "source_lifecycle": {
        Row: {
          "confidence_cap": number | null;
          "feeds": number | null;
          "found_by": string;
          "host": string | null;
          "id": string;
          "kind": string;
          "last_event": Json | null;
          "listings": number | null;
          "next_look_at": string | null;
          "since": string;
          "slug": string;
          "state": string | null;
          "what_to_do": string | null;
          "why": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "step_success_rates": {
        Row: {
          "failed_1d": number | null;
          "failed_7d": number | null;
          "last_failure_at": string | null;
          "last_success_at": string | null;
          "median_ms_1d": number | null;
          "nothing_there_7d": number | null;
          "p95_ms_1d": number | null;
          "skipped_7d": number | null;
          "source": string | null;
          "step_name": string;
          "succeeded_1d": number | null;
          "succeeded_7d": number | null;
          "success_rate_1d": number | null;
          "success_rate_7d": number | null;
          "timed_1d": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "today_by_source": {
        Row: {
          "conflicts": number | null;
          "errors": number | null;
          "facts_added": number | null;
          "facts_unsure": number | null;
          "images_stored": number | null;
          "invocations": number | null;
          "listings_found": number | null;
          "mb_fetched": number | null;
          "mb_stored": number | null;
          "price": number | null;
          "price_of_a_vehicle": number | null;
          "quality_of_added": number | null;
          "refused": number | null;
          "requests": number | null;
          "served_percent": number | null;
          "source": string | null;
          "vehicles_added": number | null;
          "vehicles_complete": number | null;
          "vehicles_improved": number | null;
          "vin_percent_of_added": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "vehicles_needing_micro_scrape": {
        Row: {
          "created_at": string;
          "discovery_url": string | null;
          "due_at": string;
          "last_checked_at": string | null;
          "last_error": string | null;
          "last_outcome": string | null;
          "low_confidence_fields": (string)[];
          "make": string | null;
          "missing_fields": (string)[];
          "model": string | null;
          "no_gain_passes": number;
          "overall_score": number;
          "recommended_actions": (string)[] | null;
          "source_host": string | null;
          "state": string;
          "vehicle_id": string;
          "year": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "vehicles_not_improving": {
        Row: {
          "discovery_url": string | null;
          "last_checked_at": string | null;
          "last_error": string | null;
          "last_outcome": string | null;
          "low_confidence_fields": (string)[];
          "make": string | null;
          "missing_fields": (string)[];
          "model": string | null;
          "overall_score": number;
          "state": string;
          "vehicle_id": string;
          "why": string | null;
          "year": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "vehicles_with_partial_failures": {
        Row: {
          "discovery_url": string | null;
          "failed_steps": (string)[] | null;
          "failures": Json | null;
          "image_urls": number | null;
          "images_stored": number | null;
          "last_failed_at": string | null;
          "make": string | null;
          "model": string | null;
          "next_retry_at": string | null;
          "retried_steps": (string)[] | null;
          "source": string | null;
          "vehicle_id": string;
          "what_to_type": string | null;
          "worked_steps": (string)[] | null;
          "year": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "worker_invocation_status": {
        Row: {
          "function_name": string;
          "last_answered_at": string | null;
          "last_invoked_at": string | null;
          "last_status": number | null;
          "meaning": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "worker_invocations_by_hour": {
        Row: {
          "found_nothing": number | null;
          "found_work": number | null;
          "function_name": string;
          "hour": string | null;
          "invocations": number | null;
          "not_claimed_yet": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
    };
    Functions: {
      "act_on_quality": { Args: { "p_cycle_id": string }; Returns: Json };
      "activate_sources": { Args: { "p_cycle_id": string }; Returns: Json };
      "add_sitemap_feeds": { Args: { "p_feed": string; "p_sitemaps": Json }; Returns: number };
      "add_source_candidate": { Args: { "p_url": string }; Returns: string };
      "add_source_candidates": { Args: { "p_cycle_id"?: string; "p_items": Json }; Returns: Json };
      "apply_extractions": { Args: { "p_items": Json }; Returns: Json };
      "approve_source": { Args: { "p_source": string }; Returns: string };
      "assess_fill_state": { Args: { "p_cycle_id": string }; Returns: Json };
      "auto_queue_bat_backfills": {
        Args: { "p_batch_size"?: number; "p_priority"?: number };
        Returns: {
          "queued_count": number;
          "skipped_count": number;
        }[];
      };
      "backfilled_count": {
        Args: {
          "v": Omit<
            Database["public"]["Tables"]["scraper_versions"]["Row"],
            Database["public"]["Tables"]["scraper_versions"]["ComputedFields"]
          >;
        };
        Returns: number;
      };
      "begin_fill_cycle": { Args: { "p_triggered_by"?: string }; Returns: Json };
      "begin_micro_scrape_run": {
        Args: { "p_limit"?: number; "p_triggered_by": string; "p_vehicle_ids"?: (string)[] };
        Returns: Json;
      };
      "bring_back_address": { Args: { "p_url": string }; Returns: Json };
      "canonical_listing_url": { Args: { "p_url": string }; Returns: string };
      "check_fill_target": { Args: { "p_cycle_id": string }; Returns: Json };
      "checkpoint_map_job": {
        Args: {
          "p_job_id": string;
          "p_pages"?: Json;
          "p_state": Json;
          "p_step": string;
          "p_token": string;
        };
        Returns: boolean;
      };
      "claim_fill_step": {
        Args: {
          "p_cycle_id"?: string;
          "p_first"?: boolean;
          "p_steps"?: (string)[];
          "p_triggered_by"?: string;
        };
        Returns: Json;
      };
      "claim_image_downloads": {
        Args: {
          "p_limit"?: number;
          "p_only_missing"?: boolean;
          "p_per_vehicle"?: number;
          "p_skip_hosts"?: (string)[];
          "p_vehicle_ids"?: (string)[];
        };
        Returns: {
          "attempts": number;
          "lease_expires_at": string;
          "lease_token": string;
          "position": number;
          "url": string;
          "vehicle_id": string;
          "wave": number;
        }[];
      };
      "claim_listing_feeds": { Args: { "p_ids"?: (string)[]; "p_limit"?: number }; Returns: Json };
      "claim_micro_scrape": {
        Args: { "p_limit"?: number; "p_vehicle_ids"?: (string)[] };
        Returns: Json;
      };
      "claim_pipeline_run": { Args: { "p_triggered_by"?: string }; Returns: Json };
      "claim_queue": {
        Args: {
          "p_limit": number;
          "p_max_attempts"?: number;
          "p_narrow"?: boolean;
          "p_queue": string;
          "p_vehicle_ids"?: (string)[];
          "p_with_vehicles"?: boolean;
        };
        Returns: Json;
      };
      "claim_source_probes": { Args: { "p_cycle_id"?: string; "p_limit": number }; Returns: Json };
      "claim_unneeded_objects": { Args: { "p_limit"?: number }; Returns: Json };
      "close_micro_scrape_run": {
        Args: { "p_invokes_next": boolean; "p_report": Json; "p_run_id": string };
        Returns: boolean;
      };
      "continue_scraper_version": { Args: { "p_id": string }; Returns: Json };
      "count_expired_leases": { Args: Record<PropertyKey, never>; Returns: Json };
      "dashboard": { Args: { "p_panels"?: (string)[]; "p_range"?: string }; Returns: Json };
      "dashboard_activity": { Args: { "p_range"?: string }; Returns: Json };
      "dashboard_coverage": { Args: { "p_range"?: string }; Returns: Json };
      "dashboard_cycle": { Args: { "p_range"?: string }; Returns: Json };
      "dashboard_find": { Args: { "p_limit"?: number; "p_text": string }; Returns: Json };
      "dashboard_hosts": { Args: { "p_range"?: string }; Returns: Json };
      "dashboard_maps": { Args: { "p_range"?: string }; Returns: Json };
      "dashboard_money": { Args: { "p_range"?: string }; Returns: Json };
      "dashboard_queues": { Args: { "p_range"?: string }; Returns: Json };
      "dashboard_review": {
        Args: { "p_after"?: string; "p_kind"?: string; "p_limit"?: number };
        Returns: Json;
      };
      "dashboard_running": { Args: { "p_range"?: string }; Returns: Json };
      "dashboard_sources": { Args: { "p_range"?: string }; Returns: Json };
      "dashboard_supply": { Args: { "p_range"?: string }; Returns: Json };
      "dashboard_truth": { Args: { "p_range"?: string }; Returns: Json };
      "dashboard_vehicle": { Args: { "p_id": string }; Returns: Json };
      "enqueue_listings": { Args: { "p_from"?: string; "p_items": Json }; Returns: Json };
      "extraction_maps_of_job": { Args: { "p_job_id": string }; Returns: Json };
      "fill_cycle_report": { Args: { "p_cycle_id": string }; Returns: Json };
      "fill_daily_report": { Args: { "p_date"?: string }; Returns: Json };
      "find_unknown_vehicles": { Args: { "p_vehicle_ids": (string)[] }; Returns: Json };
      "finish_map_job": {
        Args: { "p_job_id": string; "p_result": string; "p_token": string };
        Returns: boolean;
      };
      "forget_snapshot_objects": { Args: { "p_paths": (string)[] }; Returns: number };
      "forget_vehicle": { Args: { "p_reason"?: string; "p_vehicle_id": string }; Returns: Json };
      "get_extraction_history": {
        Args: { "p_vehicle_id": string };
        Returns: {
          "confidence_score": number;
          "evidence": string;
          "extracted_at": string;
          "extraction_method": string;
          "field_name": string;
          "field_value": string;
          "last_confirmed_at": string;
          "previous_value": string;
          "scraper_version": string;
          "source_url": string;
          "validation_status": string;
        }[];
      };
      "heartbeat_fill_step": { Args: { "p_token": string }; Returns: boolean };
      "heartbeat_image_downloads": { Args: { "p_tokens": (string)[] }; Returns: number };
      "heartbeat_listing_feeds": { Args: { "p_tokens": (string)[] }; Returns: number };
      "heartbeat_micro_scrape": { Args: { "p_tokens": (string)[] }; Returns: number };
      "heartbeat_outside_worker": {
        Args: { "p_functions": (string)[]; "p_id": string; "p_name": string; "p_places": number };
        Returns: Json;
      };
      "heartbeat_pipeline_run": {
        Args: { "p_run_id": string; "p_steps"?: Json; "p_token": string };
        Returns: boolean;
      };
      "heartbeat_queue": { Args: { "p_queue": string; "p_tokens": (string)[] }; Returns: number };
      "heartbeat_source_probes": { Args: { "p_tokens": (string)[] }; Returns: number };
      "image_backlog": {
        Args: { "p_vehicle_ids": (string)[] };
        Returns: {
          "due": number;
          "failed": number;
          "gone": number;
          "images": number;
          "last_error": string;
          "leased": number;
          "next_attempt_at": string;
          "urls": number;
          "vehicle_id": string;
          "waiting": number;
        }[];
      };
      "image_steps": {
        Args: { "p_tried_anew"?: (string)[]; "p_vehicle_ids": (string)[] };
        Returns: {
          "error_message": string;
          "outcome_code": string;
          "retry_at": string;
          "status": string;
          "vehicle_id": string;
        }[];
      };
      "images_given_up": { Args: { "p_vehicle_ids"?: (string)[] }; Returns: Json };
      "import_listings": { Args: { "p_items": Json }; Returns: Json };
      "invoke_micro_scrape_if_due": { Args: Record<PropertyKey, never>; Returns: boolean };
      "invoke_queue_if_due": { Args: { "p_queue": string }; Returns: boolean };
      "known_listings": { Args: { "p_urls": (string)[] }; Returns: Json };
      "learn_extraction_map": { Args: { "p_host": string }; Returns: string };
      "listing_feeds_at": { Args: { "p_urls": (string)[] }; Returns: Json };
      "map_job_pages": {
        Args: { "p_from": number; "p_job_id": string; "p_limit": number };
        Returns: Json;
      };
      "measure_fill_quality": { Args: { "p_cursor"?: Json; "p_cycle_id": string }; Returns: Json };
      "merge_vehicles": {
        Args: { "p_keep": string; "p_note"?: string; "p_other": string };
        Returns: Json;
      };
      "newest_page_snapshots": { Args: { "p_urls": (string)[] }; Returns: Json };
      "note_image_steps": { Args: { "p_duration_ms": number; "p_items": Json }; Returns: Json };
      "operator_add_source": { Args: { "p_url": string }; Returns: Json };
      "operator_approve_source": { Args: { "p_seen"?: string; "p_source": string }; Returns: Json };
      "operator_check_feed": { Args: { "p_feed_id": string }; Returns: Json };
      "operator_learn_map": { Args: { "p_host": string }; Returns: Json };
      "operator_redrive": {
        Args: { "p_id"?: string; "p_outcome"?: string; "p_queue"?: string };
        Returns: Json;
      };
      "operator_reject_source": {
        Args: { "p_reason": string; "p_seen"?: string; "p_source": string };
        Returns: Json;
      };
      "operator_release_field": {
        Args: { "p_field": string; "p_seen"?: string; "p_vehicle_id": string };
        Returns: Json;
      };
      "operator_reopen": { Args: { "p_vehicle_id": string }; Returns: Json };
      "operator_resolve_candidate": {
        Args: { "p_decision": string; "p_id": string; "p_note"?: string };
        Returns: Json;
      };
      "operator_resume_host": { Args: { "p_host": string }; Returns: Json };
      "operator_retire_map": { Args: { "p_map_id": string; "p_reason"?: string }; Returns: Json };
      "operator_review": {
        Args: {
          "p_decision": string;
          "p_id": number;
          "p_note"?: string;
          "p_seen"?: string;
          "p_value"?: string;
        };
        Returns: Json;
      };
      "operator_set_cost_rate": {
        Args: { "p_item": string; "p_per"?: number; "p_price": number; "p_seen"?: string };
        Returns: Json;
      };
      "operator_set_field": {
        Args: {
          "p_field": string;
          "p_note"?: string;
          "p_seen"?: string;
          "p_value": string;
          "p_vehicle_id": string;
        };
        Returns: Json;
      };
      "operator_set_policy": { Args: { "p_changes": Json; "p_seen"?: string }; Returns: Json };
      "operator_switch_feed": { Args: { "p_feed_id": string; "p_on": boolean }; Returns: Json };
      "operator_switch_source": {
        Args: { "p_on": boolean; "p_seen"?: string; "p_source": string };
        Returns: Json;
      };
      "page_snapshots_before": {
        Args: { "p_before": string; "p_limit"?: number; "p_url": string };
        Returns: Json;
      };
      "pictures_wanted": { Args: Record<PropertyKey, never>; Returns: string };
      "pipeline_metrics": { Args: Record<PropertyKey, never>; Returns: Json };
      "pipeline_work": { Args: Record<PropertyKey, never>; Returns: Json };
      "prepare_fetches": {
        Args: {
          "p_horizon_ms": number;
          "p_known_maps"?: string;
          "p_requests": Json;
          "p_urls": (string)[];
          "p_worker": string;
        };
        Returns: Json;
      };
      "preview_extractions": { Args: { "p_items": Json }; Returns: Json };
      "preview_fill_cycle": { Args: { "p_steps"?: (string)[] }; Returns: Json };
      "preview_imports": { Args: { "p_items": Json }; Returns: Json };
      "preview_listing_feeds": {
        Args: { "p_ids"?: (string)[]; "p_limit"?: number };
        Returns: Json;
      };
      "preview_micro_scrape": {
        Args: { "p_limit"?: number; "p_vehicle_ids"?: (string)[] };
        Returns: Json;
      };
      "preview_queue": {
        Args: {
          "p_limit": number;
          "p_max_attempts"?: number;
          "p_queue": string;
          "p_vehicle_ids"?: (string)[];
          "p_with_vehicles"?: boolean;
        };
        Returns: Json;
      };
      "preview_scraper_version": {
        Args: {
          "p_after"?: string;
          "p_fields_affected": (string)[];
          "p_host"?: string;
          "p_limit"?: number;
          "p_reextract"?: boolean;
          "p_scraper_name": string;
          "p_version": string;
        };
        Returns: Json;
      };
      "preview_source_probes": {
        Args: { "p_cycle_id"?: string; "p_limit": number };
        Returns: Json;
      };
      "preview_unneeded_objects": { Args: { "p_limit"?: number }; Returns: Json };
      "queue_bat_backfill_vehicles": {
        Args: { "p_limit"?: number; "p_priority"?: number };
        Returns: {
          "bat_url": string;
          "reason": string;
          "vehicle_id": string;
        }[];
      };
      "queue_ended_auctions": { Args: { "p_urls": (string)[] }; Returns: number };
      "queue_vehicles_for_backfill": {
        Args: {
          "p_priority"?: number;
          "p_reason"?: string;
          "p_triggered_by"?: string;
          "p_vehicle_ids": (string)[];
        };
        Returns: number;
      };
      "record_fetches": { Args: { "p_report": Json; "p_worker": string }; Returns: Json };
      "record_source_probe": {
        Args: { "p_answer": Json; "p_id": string; "p_lease_token": string; "p_next": Json };
        Returns: boolean;
      };
      "redrive_dead_letters": {
        Args: { "p_limit"?: number; "p_outcome"?: string; "p_queue"?: string };
        Returns: Json;
      };
      "redrive_queue": {
        Args: { "p_ids"?: (string)[]; "p_limit"?: number; "p_queue": string };
        Returns: number;
      };
      "register_scraper_version": {
        Args: {
          "p_backfill_priority"?: number;
          "p_backfill_required"?: boolean;
          "p_description"?: string;
          "p_fields_affected": (string)[];
          "p_reextract"?: boolean;
          "p_scraper_name": string;
          "p_version": string;
        };
        Returns: Json;
      };
      "reject_source": { Args: { "p_reason": string; "p_source": string }; Returns: string };
      "release_field": { Args: { "p_field": string; "p_vehicle_id": string }; Returns: Json };
      "release_image_downloads": { Args: { "p_items": Json }; Returns: number };
      "release_listing_feeds": { Args: { "p_items": Json }; Returns: number };
      "release_micro_scrape": { Args: { "p_items": Json }; Returns: number };
      "release_outside_worker": { Args: { "p_id": string }; Returns: boolean };
      "release_queue": { Args: { "p_items": Json; "p_queue": string }; Returns: number };
      "release_source_probes": { Args: { "p_items": Json }; Returns: number };
      "remember_image_urls": {
        Args: { "p_items": Json };
        Returns: {
          "changed": boolean;
          "urls_known": number;
          "vehicle_id": string;
        }[];
      };
      "reopen_micro_scrape": { Args: { "p_vehicle_ids": (string)[] }; Returns: number };
      "rescore_vehicles": { Args: { "p_after"?: string; "p_limit"?: number }; Returns: Json };
      "rescue_expired_leases": { Args: Record<PropertyKey, never>; Returns: Json };
      "reserve_host_slots": {
        Args: { "p_horizon_ms"?: number; "p_requests": Json; "p_worker": string };
        Returns: Json;
      };
      "resolve_merge_candidate": {
        Args: { "p_decision": string; "p_id": string; "p_keep"?: string; "p_note"?: string };
        Returns: Json;
      };
      "resume_host": { Args: { "p_host": string; "p_limit"?: number }; Returns: Json };
      "retire_extraction_map": {
        Args: { "p_because"?: string; "p_map_id": string };
        Returns: boolean;
      };
      "retry_failed_steps": { Args: { "p_limit"?: number }; Returns: Json };
      "retry_image_downloads": {
        Args: { "p_include_gone"?: boolean; "p_vehicle_ids": (string)[] };
        Returns: number;
      };
      "review_extraction": {
        Args: { "p_decision": string; "p_id": number; "p_note"?: string };
        Returns: Json;
      };
      "review_sources": { Args: { "p_cycle_id": string }; Returns: Json };
      "running_pipeline_run": { Args: Record<PropertyKey, never>; Returns: Json };
      "sample_listings": { Args: { "p_count": number }; Returns: Json };
      "sample_map_pages": {
        Args: { "p_job_id": string; "p_limit"?: number; "p_token": string };
        Returns: number;
      };
      "scale_workers": { Args: { "p_cycle_id": string }; Returns: Json };
      "serving_extraction_maps": { Args: { "p_known"?: string }; Returns: Json };
      "settle_fill_step": {
        Args: { "p_cursor"?: Json; "p_error"?: string; "p_result"?: Json; "p_token": string };
        Returns: Json;
      };
      "settle_image_downloads": {
        Args: { "p_results": Json };
        Returns: {
          "detail": string;
          "next_attempt_at": string;
          "result": string;
          "url": string;
          "vehicle_id": string;
        }[];
      };
      "settle_listing_feeds": { Args: { "p_items": Json }; Returns: Json };
      "settle_map_comparisons": {
        Args: {
          "p_adapter_reads": number;
          "p_comparisons": Json;
          "p_job_id": string;
          "p_pages": number;
          "p_token": string;
        };
        Returns: string;
      };
      "settle_pipeline_run": {
        Args: {
          "p_error"?: string;
          "p_metrics"?: Json;
          "p_run_id": string;
          "p_status": string;
          "p_steps": Json;
          "p_token": string;
        };
        Returns: boolean;
      };
      "settle_queue": { Args: { "p_items": Json; "p_queue": string }; Returns: Json };
      "settle_retries": { Args: { "p_items": Json }; Returns: Json };
      "settle_source_probes": { Args: { "p_items": Json }; Returns: Json };
      "sync_deployed_scrapers": { Args: { "p_sources": Json }; Returns: Json };
      "sync_listing_feeds": { Args: { "p_feeds": Json }; Returns: number };
      "sync_scrape_sources": { Args: { "p_sources": Json }; Returns: number };
      "unmerge_vehicle": { Args: { "p_note"?: string; "p_vehicle_id": string }; Returns: Json };
      "unneeded_snapshot_objects": { Args: { "p_limit"?: number }; Returns: Json };
      "vehicle_history": {
        Args: { "p_vehicle_id": string };
        Returns: {
          "at": string;
          "currency": string;
          "event": string;
          "kind": string;
          "listing_id": number;
          "listing_url": string;
          "price": number;
          "price_from": number;
          "seller": string;
          "snapshot_id": string;
          "source": string;
          "status": string;
        }[];
      };
      "vehicles_due_for_images": {
        Args: { "p_limit"?: number; "p_only_missing"?: boolean };
        Returns: string[];
      };
      "vehicles_of_scraper": {
        Args: { "p_after"?: string; "p_host"?: string; "p_limit"?: number; "p_scraper": string };
        Returns: Json;
      };
      "write_extraction_maps": {
        Args: { "p_job_id": string; "p_maps": Json; "p_token": string };
        Returns: number;
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
