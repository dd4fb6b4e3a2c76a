//! What the members of a room may do: for all of them to see, and for its owner to change.

use super::{heading, owns, role_name, room_id, room_of};
use crate::{
    api::{ResetRoomPermissions, SetRoomPermissions},
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    server_pages::{done::Done, frame::page},
    ui::{Notice, Submit},
};
use leptos::prelude::*;
use protocol::{
    permissions::RoomPermission,
    room::{Room, RoomPermissionTable, RoomRole},
};

/// The roles, the least first.
const ROLES: [RoomRole; 4] = [RoomRole::Guest, RoomRole::Member, RoomRole::Moderator, RoomRole::Owner];

/// The page of a room's permissions.
#[component]
pub fn PermissionsPage() -> impl IntoView {
    let id = room_id();
    page("Permissions", async move |context| {
        let room = room_of(&context, &id).await?;
        let table = room.permission_table();
        let changes = owns(&context, &room) && !room.archived;
        let content = if changes { permissions_form(&room, &table) } else { permissions_table(&table) };
        Ok(view! { {heading(&context, &room)} {content} }.into_any())
    })
}

/// Who has a permission, in words.
const fn holders(least: RoomRole) -> &'static str {
    match least {
        RoomRole::Guest => "Everyone",
        RoomRole::Member => "Members",
        RoomRole::Moderator => "Moderators",
        RoomRole::Owner => "Owners",
    }
}

fn permissions_table(table: &RoomPermissionTable) -> AnyView {
    let row = |permission: &RoomPermission| {
        let least = table.permissions.min_role(*permission);
        let cells = ROLES.map(|role| {
            let (text, mark) = if role >= least { ("Yes", "✓") } else { ("No", "–") };
            view! { <td><span aria-hidden="true">{mark}</span> <span class="visually-hidden">{text}</span></td> }
        });
        view! { <tr><th scope="row">{permission.meaning().trim_end_matches('.')}</th> {cells.collect_view()}</tr> }
    };
    view! {
        <div class="table-scroll" role="region" aria-label="Permissions" tabindex="0">
            <table class="permission-table">
                <thead>
                    <tr>
                        <th scope="col">"Permission"</th>
                        {ROLES.map(|role| view! { <th scope="col">{role_name(role)}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{RoomPermission::ALL.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn permissions_form(room: &Room, table: &RoomPermissionTable) -> AnyView {
    let (form, reset) = (Form::of::<SetRoomPermissions>(), Form::of::<ResetRoomPermissions>());
    let row = |permission: &RoomPermission| {
        let (now, default) = (table.permissions.min_role(*permission), table.defaults.min_role(*permission));
        let name = format!("permissions[{}]", permission.name());
        let options = ROLES.map(|role| {
            let label = if role == default { format!("{} (default)", holders(role)) } else { holders(role).to_owned() };
            view! { <option value=role.as_str() selected=role == now>{label}</option> }
        });
        view! {
            <div class="field permission-field">
                <label for=name.clone()>{permission.meaning().trim_end_matches('.')}</label>
                <select id=name.clone() name=name>{options.collect_view()}</select>
            </div>
        }
    };
    let changed = table.overrides != protocol::permissions::RoomPermissionOverrides::default();
    let reset_button = changed.then(|| {
        let id = room.id.to_string();
        view! {
            <section aria-labelledby="reset">
                <h2 id="reset">"Defaults"</h2>
                <Notice text=reset.error()/>
                <ConfirmButton label="Restore defaults" act="Restore defaults" form=reset
                    question="All permissions of this room go back to their defaults.">
                    <input type="hidden" name="room_id" value=id/>
                </ConfirmButton>
            </section>
        }
        .into_any()
    });
    let fields = view! {
            <p class="lead">"Who may do what in this room. Greater roles may do everything that lesser ones may."</p>
            <Notice text=form.error()/>
            <input type="hidden" name="room_id" value=room.id.to_string()/>
            {RoomPermission::ALL.iter().map(row).collect_view()}
            <div class="actions">
                <Submit label="Save" pending=form.pending()/>
                <Done form text="Permissions saved."/>
                <Done form=reset text="Defaults restored."/>
            </div>
    };
    view! {
        <PostForm form>{fields}</PostForm>
        {reset_button}
    }
    .into_any()
}
